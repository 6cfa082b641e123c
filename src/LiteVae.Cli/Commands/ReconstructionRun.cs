using LiteVae.Cli.Reports;

namespace LiteVae.Cli.Commands;

/// <summary>Reconstructs images one after the other and measures each: what <c>reconstruct</c> and <c>eval</c> have in common.</summary>
/// <param name="model">The model.</param>
/// <param name="size">Side of the centre crops, or null for images at their own size.</param>
internal sealed class ReconstructionRun(LiteVaeModel model, int? size)
{
    /// <summary>Folder for the comparison pictures; null makes none.</summary>
    public string? Pictures { get; init; }

    /// <summary>Receives the posteriors; null where nobody wants them.</summary>
    public LatentDiagnostics? Latents { get; init; }

    /// <summary>What is measured with libtorch; null for nothing.</summary>
    public TorchMetrics? Torch { get; init; }

    /// <summary>Does all images, or those before Ctrl-C.</summary>
    /// <param name="command">The command's name, for its progress lines.</param>
    /// <param name="inputs">The images, and the inputs that are not there.</param>
    /// <exception cref="InvalidDataException">The model does not work.</exception>
    public ReconstructionReport Run(string command, ImageInputs inputs)
    {
        CommonOptions.RequireWorking(model);
        var (sources, missing) = inputs;
        List<ReconstructedImage> done = [];
        List<InputFailure> failures = [.. missing];
        using var interruption = new Interruption("the image in progress is finished, then the report is written.");
        using (var progress = new ProgressLine(command, sources.Count))
        {
            failures.ForEach(failure => progress.Say(failure.ToString()));
            foreach (var source in sources.TakeWhile(_ => !interruption.Token.IsCancellationRequested))
            {
                try
                {
                    done.Add(Reconstruct(source));
                }
                catch (Exception e) when (InputFailure.IsOfOneInput(e))
                {
                    failures.Add(InputFailure.From(source.Path, e));
                    progress.Say(failures[^1].ToString());
                }

                progress.Report(done.Count + failures.Count - missing.Count, failures.Count);
            }
        }

        var isEmpty = done.Count == 0;
        var notReached = sources.Count + missing.Count - done.Count - failures.Count;
        return new ReconstructionReport(model.Config, model.EncoderSha256, EvaluationProtocol.Describe(size, Latents is not null, Torch?.Protocol), done, failures, notReached)
        {
            Rfid = isEmpty ? null : Torch?.Rfid(),
            Latents = isEmpty ? null : Latents?.Report(),
        };
    }

    private ReconstructedImage Reconstruct(ImageSource source)
    {
        var image = ImageDecoder.Decode(source.Path);
        if (size is { } side)
        {
            image = BicubicResizer.Fit(image, side, side, ResizePolicy.CenterCrop);
        }

        var reconstruction = model.Reconstruct(image, out var posterior);
        var picture = Pictures is null ? null : $"{source.Key}.png";
        if (picture is not null)
        {
            PngFile.Save(Path.Combine(Pictures!, Path.Combine(picture.Split('/'))), ComparisonPicture.Draw(image, reconstruction));
        }

        var score = ImageScore.Of(image, reconstruction);
        var lpips = Torch?.Add(image, reconstruction);
        Latents?.Add(posterior);
        return new ReconstructedImage(source.Key, picture, image.Width, image.Height, score.Psnr, score.Ssim, lpips);
    }
}
