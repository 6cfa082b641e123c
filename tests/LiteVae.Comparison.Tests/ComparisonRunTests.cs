using LiteVae.Tests;
using LiteVae.Tests.Images;
using LiteVae.Tests.Shared;

namespace LiteVae.Comparison.Tests;

/// <summary>The whole way from folders to the page, on two small images.</summary>
public sealed class ComparisonRunTests : IDisposable
{
    private static readonly RgbImage Noise = Pictures.Noise(32, 32);

    private readonly TemporaryFolder _folder = new();
    private readonly RgbImage _image = Pictures.Gradient(40, 24);
    private readonly string _model = Directory.GetDirectories(Path.Combine(SharedData.Repository, "models")).Order(StringComparer.Ordinal).First();

    public ComparisonRunTests()
    {
        foreach (var (path, image) in new[] { ("kodak/a.png", _image), ("photos/b.png", Noise), ("samples/a.png", Pictures.Gradient(72, 64)), ("samples/b.png", Pictures.Noise(64, 64)) })
        {
            PngFile.Save(_folder.At(path), image);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_numbers_are_those_of_the_library()
    {
        using var run = new ComparisonRun(Settings);
        var results = run.Run();

        using var model = LiteVaeModel.Load(_model);
        var reconstruction = model.Reconstruct(_image);
        Assert.Equal([model.Config.Name, "linear floor, 4 channels", "linear floor, 12 channels", "linear floor, 16 channels"], results.Peers.Select(peer => peer.Name));
        Assert.Equal("MIT", results.Peers[0].Licence);
        Assert.Equal((1, "40 x 24"), (results.Sets[0].Images, results.Sets[0].Size));
        Assert.Equal(Psnr.Compute(_image, reconstruction), results.Sets[0].Means[0].Psnr!.Value, 0.01); // one thread in the one, several in the other
        Assert.Equal(Ssim.Compute(_image, reconstruction), results.Sets[0].Means[0].Ssim!.Value, 0.001);
        Assert.All(results.Times.Milliseconds, time => Assert.True(time > 0));
    }

    [Fact]
    public void The_page_has_every_number_and_every_picture()
    {
        using var run = new ComparisonRun(Settings);
        var results = run.Run();
        var page = Page.Write(results);

        Assert.Contains("\n## Kodak: 1 images of 40 x 24\n", page, StringComparison.Ordinal);
        Assert.Contains($"{results.Sets[1].Means[2].Psnr:0.00} | {results.Sets[1].Means[2].Ssim:0.000} |", page, StringComparison.Ordinal);
        Assert.Contains(results.Protocol, page, StringComparison.Ordinal);
        Assert.Equal(["images/page-worst.png", "images/page-median.png", "images/page-best.png"], results.Pictures.Select(picture => picture.File));
        Assert.Equal(["b.png", "a.png", "a.png"], results.Pictures.Select(picture => picture.Photo)); // noise is worse than a gradient
        Assert.All(results.Pictures, picture =>
        {
            Assert.Contains($"]({picture.File})", page, StringComparison.Ordinal);
            var strip = ImageDecoder.Decode(_folder.At($"docs/{picture.File}")); // original, model, the floor of as many channels
            Assert.Equal(picture.Photo == "a.png" ? (448, 128) : (400, 128), (strip.Width, strip.Height));
        });
        Assert.Equal(["b.png", "a.png"], results.Failures.Windows.Select(window => window.Photo)); // each has room for one
        Assert.Contains($"]({results.Failures.File})", page, StringComparison.Ordinal);
        var failures = ImageDecoder.Decode(_folder.At($"docs/{results.Failures.File}"));
        Assert.Equal((128 + 8 + 128, 128 + 8 + 128), (failures.Width, failures.Height));
    }

    [Fact]
    public void Another_run_writes_the_same_but_for_the_times()
    {
        using var run = new ComparisonRun(Settings);
        var first = run.Run();
        var picture = File.ReadAllBytes(_folder.At("docs/images/page-worst.png"));
        using var again = new ComparisonRun(Settings);
        var second = again.Run();

        Assert.Equal(Page.Write(first), Page.Write(second with { Times = first.Times }));
        Assert.Equal(picture, File.ReadAllBytes(_folder.At("docs/images/page-worst.png")));
    }

    [Fact]
    public void An_image_that_cannot_be_read_ends_it()
    {
        File.WriteAllText(_folder.At("kodak/broken.png"), "no picture");
        using var run = new ComparisonRun(Settings);
        Assert.Contains("broken.png", Assert.Throws<InvalidDataException>(run.Run).Message, StringComparison.Ordinal);
    }

    private Settings Settings => new()
    {
        Kodak = _folder.At("kodak"),
        Photos = _folder.At("photos"),
        Train = _folder.At("photos"),
        Models = [_model],
        Samples = _folder.At("samples"),
        Out = _folder.At("docs/page.md"),
    };
}
