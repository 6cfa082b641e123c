using System.Globalization;
using LiteVae.Cli.Commands;

namespace LiteVae.Cli.Reports;

/// <summary>One image of a report.</summary>
/// <param name="Key">What names it.</param>
/// <param name="Picture">Its comparison picture, relative to the report, with '/'; null where none was made.</param>
/// <param name="Width">Its width, as measured.</param>
/// <param name="Height">Its height, as measured.</param>
/// <param name="Psnr">In dB; null for an exact reconstruction.</param>
/// <param name="Ssim">Null where a side is under 11 pixels.</param>
/// <param name="Lpips">Null where it was not asked for, or the image is too small for its network.</param>
internal sealed record ReconstructedImage(string Key, string? Picture, int Width, int Height, double? Psnr, double? Ssim, double? Lpips);

/// <summary>What <c>reconstruct</c> and <c>eval</c> found, as JSON, as a web page and in a line.</summary>
internal sealed record ReconstructionReport(
    LiteVaeConfig Model, string EncoderSha256, string Protocol, IReadOnlyList<ReconstructedImage> Images, IReadOnlyList<InputFailure> Failures, int NotReached)
{
    // Enumerable.Average of nullable values passes over null, and is null where there is nothing else
    public double? Psnr => Images.Average(image => image.Psnr);

    public double? Ssim => Images.Average(image => image.Ssim);

    public double? Lpips => Images.Average(image => image.Lpips);

    /// <summary>rFID over all images; null where it was not asked for.</summary>
    public double? Rfid { get; init; }

    /// <summary>What the latents are like; null where that was not asked for.</summary>
    public LatentReport? Latents { get; init; }

    /// <summary>Writes the JSON object, the page and what a person is told.</summary>
    /// <param name="output">Where the object and the text go.</param>
    /// <param name="folder">Folder of the page and of the pictures; null for none.</param>
    /// <returns>The command's exit code.</returns>
    public int Write(Output output, string? folder)
    {
        output.Json(ToJson());
        if (Images.Count > 0)
        {
            output.Text.WriteLine(Summary());
            if (folder is not null)
            {
                var page = Path.Combine(folder, "report.html");
                AtomicFile.WriteAllText(page, new ReconstructionPage(this, folder).Render());
                output.Text.WriteLine($"report: {page}");
            }
        }

        if (NotReached > 0)
        {
            output.Text.WriteLine($"Stopped: {Counted.Of(NotReached, "image")} not reached. The same command does all of them.");
            return ExitCode.Interrupted;
        }

        return Images.Count == 0 ? ExitCode.Nothing : Failures.Count > 0 ? ExitCode.Partial : ExitCode.Done;
    }

    private object ToJson() => new
    {
        model = Model.Name,
        encoder_sha256 = EncoderSha256,
        protocol = Protocol,
        images = Images.Count,
        psnr = Psnr,
        ssim = Ssim,
        lpips = Lpips,
        rfid = Rfid,
        latents = Latents,
        error_gain = ErrorMap.Gain,
        not_reached = NotReached,
        per_image = Images,
        failures = Failures,
    };

    private string Summary() =>
        $"{Model.Name}: {Counted.Of(Images.Count, "image")}, PSNR {Show(Psnr, "0.00")} dB, SSIM {Show(Ssim, "0.0000")}{(Failures.Count > 0 ? $"; {Failures.Count} failed" : "")}";

    /// <summary>A number for a reader.</summary>
    public static string Show(double? value, string format, string absent = "–") => value?.ToString(format, CultureInfo.InvariantCulture) ?? absent;
}
