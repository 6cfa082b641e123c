using System.Text.RegularExpressions;
using LiteVae.Tests;

namespace LiteVae.Training.Tests.Progress.Report;

public sealed class HeldOutPicturesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void They_are_read_back_but_for_those_of_steps_that_are_done_again()
    {
        var path = _folder.At("held-out.json");
        var written = Some(["a.png"], ["a.png", "b.png"]);
        written.Save(path);

        Assert.Equal(written.Render(), HeldOutPictures.Load(path, 1500)!.Render());
        Assert.Null(HeldOutPictures.Load(path, 1499));
        Assert.Null(HeldOutPictures.Load(_folder.At("nothing.json"), 1500));
        Assert.Null(HeldOutPictures.Load(_folder.Write("cut.json", File.ReadAllText(path)[..100]), 1500));
    }

    [Fact]
    public void A_picture_that_is_both_among_the_worst_and_spread_over_the_folder_is_shown_once()
    {
        var html = Some(["a.png", "b.png"], ["b.png", "c.png"]).Render();
        Assert.Equal(["a.png", "b.png", "c.png"], Regex.Matches(html, "<b><bdi>(.*?)</bdi>").Select(match => match.Groups[1].Value));
        Assert.Contains("Held-out images at step 1,500", html, StringComparison.Ordinal);
        Assert.Contains("PSNR 27.60 dB, SSIM 0.5000, LPIPS 0.2500, 2 × 1", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_has_the_lowest_PSNR_first_and_leads_to_the_pictures_that_are_there()
    {
        var html = Some(["a.png"], ["b.png"]).Render();
        Assert.Equal(["b.png", "a.png", "0.png"], Regex.Matches(html, "<tr><td data-value=\"(.*?)\"").Take(3).Select(match => match.Groups[1].Value));
        Assert.Contains("<a href=\"#held-out-2\"><bdi>b.png</bdi></a></td><td class=\"wide\" data-value=\"2\">2 × 1</td><td data-value=\"20\">20.00</td>", html, StringComparison.Ordinal);
        Assert.Contains("id=\"held-out-2\"", html, StringComparison.Ordinal);
        Assert.Contains("<bdi>0.png</bdi></td>", html, StringComparison.Ordinal); // without a picture, without a link
        Assert.Contains("The 500 of the lowest PSNR, of 602", html, StringComparison.Ordinal); // a page stays small
    }

    private static HeldOutPictures Some(string[] worst, string[] spread) => HeldOutPictures.Of(
        1500, "the protocol", new LiteVae.Training.Evaluation(Numbers(), 0, 20, 0.5, null, new LatentReport(4, 0, 1, 0, null, [], null, 0), [.. spread.Select(Pair)], [.. worst.Select(Pair)]));

    private static ImageNumbers[] Numbers() =>
        [.. Enumerable.Range(0, 600).Select(i => Number($"{i}.png", 30 + i)), Number("a.png", 21), Number("b.png", 20)];

    private static ImageNumbers Number(string name, double psnr) => new(name, 2, 1, psnr, 0.5, 0.25);

    private static ReconstructionPair Pair(string key) => new(key, new RgbImage(2, 1, [0, 1, 2, 3, 4, 5]), new RgbImage(2, 1, new byte[6]), new ImageScore(27.6, 0.5), 0.25);
}
