using LiteVae.Tests.Images;

namespace LiteVae.Comparison.Tests;

public sealed class FailureCasesTests
{
    [Fact]
    public void The_worst_windows_are_found_wherever_they_lie_and_none_twice()
    {
        // 30 x 30 pixels are wrong in one photo, by less all over in another
        var image = Pictures.Gradient(300, 200);
        var spoilt = Pictures.FromPixels(300, 200, (x, y) => x is >= 100 and < 130 && y is >= 70 and < 100 ? ((byte)0, (byte)0, (byte)0) : Pictures.At(image, x, y));
        var dull = Pictures.FromPixels(300, 200, (x, y) => ((byte)(Pictures.At(image, x, y).Item1 ^ 1), Pictures.At(image, x, y).Item2, Pictures.At(image, x, y).Item3));
        var windows = FailureCases.Find([new("dull", image, dull), new("spoilt", image, spoilt)]);

        Assert.Equal(FailureCases.Count, windows.Count);
        Assert.Equal("spoilt", windows[0].Photo.Key);
        Assert.True(windows[0].Left <= 100 && windows[0].Left + FailureCases.Side >= 130 && windows[0].Top <= 70 && windows[0].Top + FailureCases.Side >= 100);
        Assert.Equal(windows.OrderByDescending(window => window.MeanSquaredError), windows);
        Assert.Equal(1.0 / 3, windows.First(window => window.Photo.Key == "dull").MeanSquaredError, 1e-9); // one level of one channel everywhere
        Assert.All(windows, a => Assert.All(windows, b => Assert.True(
            ReferenceEquals(a, b) || a.Photo != b.Photo || Math.Abs(a.Left - b.Left) >= FailureCases.Side || Math.Abs(a.Top - b.Top) >= FailureCases.Side)));
    }
}
