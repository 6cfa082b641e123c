using System.CommandLine;
using LiteVae.Cli.Reports;

namespace LiteVae.Cli.Commands;

/// <summary><c>litevae reconstruct</c>: what a model makes of images, as pictures and numbers.</summary>
internal static class ReconstructCommand
{
    private sealed record Settings(string[] Images, string Out, string? Model, int? Size, int? Tile, string Device, string? Json);

    public static Command Create()
    {
        var images = CommonOptions.Images();
        var output = new Option<string>("--out") { Required = true, HelpName = "DIR", Description = "Folder for the pictures and report.html" };
        var model = CommonOptions.Model();
        var size = new Option<int?>("--size") { HelpName = "N", Description = "Resize the short side to N (antialiased bicubic) and crop the centre N x N" }.InRange(1);
        var native = new Option<bool>("--native") { Description = "Each image at its own size (the default)" };
        var tile = CommonOptions.Tile();
        var device = CommonOptions.Device();
        var json = CommonOptions.Json();
        var command = new Command("reconstruct", "Encode and decode images: pictures side by side, report.html, PSNR and SSIM") { images, output, model, size, native, tile, device, json };
        command.Validators.Add(result =>
        {
            if (result.Has(native) && result.Has(size))
            {
                result.AddError("--size and --native exclude one another.");
            }
        });
        command.SetAction(parsed => Run(new Settings(
            parsed.GetRequiredValue(images), parsed.GetRequiredValue(output), parsed.GetValue(model), parsed.GetValue(size), parsed.GetValue(tile), parsed.GetRequiredValue(device), parsed.GetValue(json))));
        return command;
    }

    private static int Run(Settings settings)
    {
        // what to do
        var output = new Output(settings.Json);
        using var model = LiteVaeModel.Load(settings.Model, new LiteVaeModelOptions { Device = settings.Device, TileSize = settings.Tile });
        if (settings.Size is { } size)
        {
            CommonOptions.RequireMultiple(size, model.Config);
        }

        var (sources, missing) = ImageInputs.Find(settings.Images, settings.Out);
        TryOut(model);

        // the images
        List<ReconstructedImage> done = [];
        List<InputFailure> failures = [.. missing];
        using var interruption = new Interruption("the image in progress is finished, then the report is written.");
        using (var progress = new ProgressLine("reconstruct", sources.Count))
        {
            failures.ForEach(failure => progress.Say(failure.ToString()));
            foreach (var source in sources.TakeWhile(_ => !interruption.Token.IsCancellationRequested))
            {
                try
                {
                    done.Add(Reconstruct(model, source, settings));
                }
                catch (Exception e) when (InputFailure.IsOfOneInput(e))
                {
                    failures.Add(InputFailure.From(source.Path, e));
                    progress.Say(failures[^1].ToString());
                }

                progress.Report(done.Count + failures.Count - missing.Count, failures.Count);
            }
        }

        // the report
        var notReached = sources.Count + missing.Count - done.Count - failures.Count;
        var report = new ReconstructionReport(model.Config.Name, model.EncoderSha256, EvaluationProtocol.Describe(settings.Size), done, failures, notReached);
        output.Json(report.ToJson());
        if (done.Count > 0)
        {
            var page = Path.Combine(settings.Out, "report.html");
            AtomicFile.WriteAllText(page, report.ToHtml());
            output.Text.WriteLine(report.Summary());
            output.Text.WriteLine($"report: {page}");
        }

        if (notReached > 0)
        {
            output.Text.WriteLine($"Stopped: {notReached} images were not reached. The same command does all of them.");
        }

        return done.Count == 0 ? ExitCode.Nothing : failures.Count + notReached > 0 ? ExitCode.Partial : ExitCode.Done;
    }

    /// <summary>A model or device that does not work is one error, not one for each image.</summary>
    private static void TryOut(LiteVaeModel model)
    {
        var side = model.Config.DownsamplingFactor;
        _ = model.Reconstruct(new RgbImage(side, side, new byte[side * side * 3]));
    }

    private static ReconstructedImage Reconstruct(LiteVaeModel model, ImageSource source, Settings settings)
    {
        var image = ImageDecoder.Decode(source.Path);
        if (settings.Size is { } size)
        {
            image = BicubicResizer.Fit(image, size, size, ResizePolicy.CenterCrop);
        }

        var reconstruction = model.Reconstruct(image);
        var picture = $"{source.Key}.png";
        PngFile.Save(Path.Combine(settings.Out, Path.Combine(picture.Split('/'))), ComparisonPicture.Draw(image, reconstruction));
        var psnr = Psnr.Compute(image, reconstruction);
        var hasSsim = Math.Min(image.Width, image.Height) >= Ssim.MinimumSide;
        return new ReconstructedImage(
            source.Key, picture, image.Width, image.Height, double.IsFinite(psnr) ? psnr : null, hasSsim ? Ssim.Compute(image, reconstruction) : null);
    }
}
