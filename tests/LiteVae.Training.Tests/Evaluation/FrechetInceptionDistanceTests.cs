using TorchSharp;

namespace LiteVae.Training.Tests.Evaluation;

public sealed class FrechetInceptionDistanceTests(FormulaInception weights) : TorchTest, IClassFixture<FormulaInception>
{
    [Theory]
    [InlineData(0, false)]
    [InlineData(2047, false)]
    [InlineData(2048, true)]
    public void Fewer_images_than_features_are_refused(long images, bool isEnough)
    {
        var error = Record.Exception(() => FrechetInceptionDistance.RequireEnough(images));
        Assert.Equal(isEnough, error is null);
        Assert.True(isEnough || error is ArgumentException && error.Message.Contains($"there are {images}", StringComparison.Ordinal));
    }

    [Fact]
    public void Images_are_counted_and_too_few_have_no_distance()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var fid = FrechetInceptionDistance.Load(weights.Path, "cpu"))
        {
            var image = FormulaInception.Image(40, 64);
            fid.Add(image, image);
            fid.Add(FormulaInception.Image(16, 16), FormulaInception.Image(16, 17));
            Assert.Equal(2, fid.Count);
            Assert.Contains("2048 images or more, and there are 2", Assert.Throws<ArgumentException>(() => fid.Compute()).Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
