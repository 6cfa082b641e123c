using System.Globalization;
using LiteVae.Cli.Reports;
using LiteVae.Comparison.Peers;

namespace LiteVae.Comparison;

/// <summary>The results as a page in Markdown.</summary>
internal static class Page
{
    private const string Absent = "–";

    public static string Write(Results results) =>
        $"""
        # Comparison

        How near an image comes back after encoding and decoding: the models here, the best linear codes, and networks of others, on the same images by one protocol.
        This page is what one command writes, in the root of a checkout:

        ```sh
        dotnet run --project bench/LiteVae.Comparison -c Release -- --kodak KODAK --photos PHOTOS --train TRAIN --lpips LPIPS --taef2 TAEF2
        ```

        `KODAK`, `PHOTOS` and `TRAIN` are folders of images, `LPIPS` a file with torchvision's SqueezeNet 1.1 and LPIPS's heads, `TAEF2` a folder with TAEF2's weights; none of them is in this
        repository. `--model FOLDER` adds any model folder: for Stable Diffusion's autoencoder the one that `litevae import` makes of its weights.

        ## Who is compared

        {Peers(results)}
        {string.Join("\n", Notes(results).Select(note => $"- {note}"))}

        {results.Protocol} Both sets are for evaluation alone: none of our models was trained on them.

        {string.Join("\n", results.Sets.Select(set => Scores(results, set)))}
        ## What the numbers say

        {string.Join("\n", Reading.Of(results).Select(sentence => $"- {sentence}"))}

        More channels make it easier to reconstruct, as the floors show, and leave a diffusion model more to learn: compare latents of one size. PSNR forgives blur, LPIPS does not.

        ## Pictures

        Of the photos in [`samples/photos`](../samples/photos), which are credited there: the worst, the median and the best by the PSNR of {results.Peers[0].Name}. The middle
        {PictureBook.CropSide} x {PictureBook.CropSide} pixels, enlarged {Sheet.Enlargement} times without smoothing; the dB are the whole photo's.

        {string.Join("\n\n", results.Pictures.Select(Show))}

        ## Where {results.Peers[0].Name} fails

        The {results.Failures.Windows.Count} windows of {FailureCases.Side} x {FailureCases.Side} pixels in all of those photos that come back worst by their own PSNR, the worst first, reconstructions below.

        ![Windows of photos above, their reconstructions below]({results.Failures.File})

        *From the left: {string.Join(", ", results.Failures.Windows.Select(window => $"{window.Photo} ({Number(window.Psnr, "0.0")} dB)"))}.*

        """;

    private static string Peers(Results results)
    {
        var table = new TextTable("", ">latent channels", ">image values per latent value", ">encoder parameters", ">decoder parameters", ">CPU ms", "licence of the weights");
        foreach (var (peer, milliseconds) in results.Peers.Zip(results.Times.Milliseconds))
        {
            table.Add(peer.Name, $"{peer.Channels}", $"{peer.ValuesPerLatentValue:0.#}", $"{peer.EncoderParameters:N0}", $"{peer.DecoderParameters:N0}", $"{milliseconds:0}", peer.Licence ?? Absent);
        }

        return table.ToMarkdown();
    }

    private static IEnumerable<string> Notes(Results results)
    {
        yield return $"**Linear floor**: the Karhunen-Loève basis of 8 x 8 RGB blocks, {BlockBasis.BlocksOfPhoto} random ones of every second training photo. No linear code of as many numbers a block has a better PSNR\n"
            + "  on such photos: a network without a better one does no more than a linear map could. Its parameters are the basis and the mean. Where two directions carry nearly the same variance, as the\n"
            + "  fourth and the fifth of our training photos do, the figures move by tenths of a dB with the blocks drawn.";
        if (results.Peers.Any(peer => peer.Kind == PeerKind.Other))
        {
            yield return "**TAEF2** ([madebyollin/taesd](https://github.com/madebyollin/taesd)): the tiny autoencoder that stands in for FLUX.2's and shares its latents; convolutions and ReLU, and GroupNorm in\n"
                + "  three blocks of either half. Computed here with TorchSharp and checked against PyTorch. Its encoder gives latents without a posterior.";
        }

        yield return $"**CPU ms**: processor time to encode and decode {results.Times.Size} pixels on one thread, median of {PeerTiming.Rounds}, {results.Times.Processor}. Models run on ONNX Runtime, the others on libtorch.";
    }

    private static string Scores(Results results, SetScores set)
    {
        var table = new TextTable("", ">latent channels", ">PSNR, dB", ">SSIM", ">LPIPS");
        foreach (var (peer, mean) in results.Peers.Zip(set.Means))
        {
            table.Add(peer.Name, $"{peer.Channels}", Number(mean.Psnr, "0.00"), Number(mean.Ssim, "0.000"), Number(mean.Lpips, "0.000"));
        }

        return $"## {set.Name}: {set.Images} images of {set.Size}\n\n{table.ToMarkdown()}";
    }

    private static string Show(Picture picture)
    {
        var names = picture.Shown.Select(shown => $"{shown.Name} ({Number(shown.Psnr, "0.00")} dB)");
        return $"![{picture.Photo}, the {picture.Choice}: original and reconstructions]({picture.File})\n\n*{picture.Photo}, the {picture.Choice}. From the left: original, {string.Join(", ", names)}.*";
    }

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? Absent;
}
