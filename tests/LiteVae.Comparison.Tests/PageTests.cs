using LiteVae.Comparison.Peers;
using LiteVae.Tests.Images;
using LiteVae.Tests.Shared;

namespace LiteVae.Comparison.Tests;

public sealed class PageTests
{
    private static readonly string Committed = File.ReadAllText(Path.Combine(SharedData.Repository, "docs", "comparison.md"));

    [Fact]
    public void What_the_numbers_say_is_said_of_each_model_against_its_equals_and_the_others()
    {
        var results = new Results(
            [
                new(PeerKind.Model, "ours", 12, 8, 1, 1, "MIT"), new(PeerKind.Floor, "floor 4", 4, 8, 1, 1, null), new(PeerKind.Floor, "floor 12", 12, 8, 1, 1, null),
                new(PeerKind.Other, "peer", 32, 8, 1, 1, null), new(PeerKind.Model, "theirs", 4, 8, 1, 1, null),
            ],
            [new("A", 1, "8 x 8", [new(27.5, 0.8, 0.2), new(20, 0.5, null), new(27, 0.81, 0.1), new(30, 0.9, 0.02), new(null, 0.5004, null)])], [], new("", []), new([], "", ""), "");
        Assert.Equal(
            [
                "ours against floor 12, which keeps as many values: on A PSNR 0.50 dB better, SSIM 0.010 worse, LPIPS 0.100 worse.",
                "ours against peer, which keeps 2.67 times as many values: on A PSNR 2.50 dB worse, SSIM 0.100 worse, LPIPS 0.180 worse.",
                "theirs against floor 4, which keeps as many values: on A SSIM the same.",
                "theirs against peer, which keeps 8 times as many values: on A SSIM 0.400 worse.",
            ],
            Reading.Of(results));
    }

    [Fact]
    public void A_strip_is_the_middle_of_each_image_enlarged()
    {
        var image = Pictures.Noise(131, 5);
        var strip = Sheet.Draw([[Sheet.Crop.Middle(image, PictureBook.CropSide), Sheet.Crop.Middle(Pictures.Noise(131, 5, seed: 2), PictureBook.CropSide)]]);
        Assert.Equal((256 + 8 + 256, 10), (strip.Width, strip.Height));
        Assert.Equal(Pictures.At(image, 1, 0), Pictures.At(strip, 0, 0));
        Assert.Equal(Pictures.At(image, 128, 4), Pictures.At(strip, 255, 9));
        Assert.Equal((255, 255, 255), Pictures.At(strip, 256, 5));
        Assert.Equal(Pictures.At(Pictures.Noise(131, 5, seed: 2), 2, 2), Pictures.At(strip, 264 + 2, 5));
    }

    [Fact]
    public void The_committed_page_is_of_the_models_that_ship() =>
        Assert.All(Directory.GetDirectories(Path.Combine(SharedData.Repository, "models")), model => Assert.Contains($"| {Path.GetFileName(model)} ", Committed, StringComparison.Ordinal));

    [Fact]
    public void The_command_on_the_committed_page_is_one_that_the_program_knows()
    {
        const string start = "dotnet run --project bench/LiteVae.Comparison -c Release -- ";
        var command = Assert.Single(Committed.Split('\n'), line => line.StartsWith(start, StringComparison.Ordinal));
        Assert.Empty(ComparisonCommand.Create().Parse(command[start.Length..].Split(' ')).Errors.Select(error => error.Message));
    }
}
