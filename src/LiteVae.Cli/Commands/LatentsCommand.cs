using System.CommandLine;
using System.Globalization;
using LiteVae.Cli.Reports;

namespace LiteVae.Cli.Commands;

/// <summary><c>litevae latents</c>: what can be done with a store besides filling it.</summary>
internal static class LatentsCommand
{
    public static Command Create() => new("latents", "Look after latent stores: verify, statistics, retry what failed, merge, export for other programs")
    {
        Verify(), Stats(), RetryCommand.Create(), MergeCommand.Create(), Export(),
    };

    internal static Argument<string> Store() => new("STORE") { Description = "The store's folder, as `litevae encode` made it" };

    private static Command Verify()
    {
        var (store, json) = (Store(), CommonOptions.Json());
        var command = new Command("verify", "Read every byte again, compare it with its SHA-256, and name what is wrong; exit code 1 if something is") { store, json };
        command.SetAction(parsed => Verify(parsed.GetRequiredValue(store), new Output(parsed.GetValue(json))));
        return command;
    }

    private static int Verify(string folder, Output output)
    {
        using var interruption = new Interruption("the parts in progress are finished, and nothing is reported.");
        StoreFindings findings;
        using (var progress = new ProgressLine("latents verify", 0))
        {
            findings = StoreVerification.Run(folder, (done, parts) => progress.Report(
                done == parts,
                () => string.Create(CultureInfo.InvariantCulture, $"{done}/{parts} parts"),
                () => new { @event = "progress", command = "latents verify", done, total = parts }), interruption.Token);
        }

        foreach (var fault in findings.Faults)
        {
            output.Text.WriteLine($"{fault.Path}: {fault.Reason}");
        }

        if (findings.Faults.Any(fault => Path.GetFileName(Path.GetDirectoryName(fault.Path)) == StorePaths.ShardsFolder))
        {
            output.Text.WriteLine("To make a part anew, delete its manifest, shards/NNNNN.json, and run the same `litevae encode` again: the bytes are the same where its images are.");
        }

        var state = findings.IsComplete ? "complete" : $"not complete, {findings.MissingParts} of {Counted.Of(findings.Parts, "part")} missing";
        output.Text.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Counted.Of(findings.Images, "image")} in {Counted.Of(findings.Parts - findings.MissingParts, "part")}, {findings.Bytes / 1e6:N1} MB, {state}; {(findings.Faults.Count == 0 ? "nothing is wrong" : $"{Counted.Of(findings.Faults.Count, "file")} wrong")}"));
        output.Json(findings);
        return findings.Faults.Count > 0 || !findings.IsComplete ? ExitCode.Partial : ExitCode.Done;
    }

    private static Command Stats()
    {
        var (store, json) = (Store(), CommonOptions.Json());
        var command = new Command("stats", "Each channel's mean, deviation and extremes, exact over all images, and the model's scaling") { store, json };
        command.SetAction(parsed => Stats(parsed.GetRequiredValue(store), new Output(parsed.GetValue(json))));
        return command;
    }

    private static int Stats(string folder, Output output)
    {
        using var store = LatentStore.Open(folder);
        var summary = store.Index.Dataset;
        var table = new TextTable("channel", ">mean", ">deviation", ">min", ">max");
        for (var i = 0; i < summary.Channels.Count; i++)
        {
            var channel = summary.Channels[i];
            var name = i < store.Config.LatentChannels ? $"mean {i}" : $"log variance {i - store.Config.LatentChannels}";
            table.Add(name, Number(channel.Mean), Number(channel.Std), Number(channel.Min), Number(channel.Max));
        }

        table.Write(output);
        output.Text.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Counted.Of(summary.Images, "image")}, {summary.Failed:N0} failed, by {store.Config.Name}; scaled = (latent - {summary.Scaling.Shift:R}) * {summary.Scaling.Factor:R}, not applied"));
        output.Json(new { images = summary.Images, failed = summary.Failed, model = store.Config.Name, encoder_sha256 = store.EncoderSha256, scaling = summary.Scaling, channels = summary.Channels });
        return ExitCode.Done;

        static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
    }

    private static Command Export()
    {
        var (store, json) = (Store(), CommonOptions.Json());
        var target = new Option<string>("--out") { Required = true, HelpName = "DIR", Description = "A new folder" };
        var format = new Option<LatentExportFormat>("--format") { Required = true, HelpName = "lightning-dit|web-dataset|npy|kohya", Description = "Whose layout", CustomParser = ParseFormat };
        var sample = new Option<long?>("--sample") { HelpName = "SEED", Description = "Posterior samples of this seed; absent: the means" };
        var scaled = new Option<bool>("--scaled") { Description = "Apply the model's scaling; most programs do that themselves" };
        var command = new Command("export", "Write the latents as other programs read them") { store, target, format, sample, scaled, json };
        command.SetAction(parsed => Export(
            parsed.GetRequiredValue(store), parsed.GetRequiredValue(target), parsed.GetValue(format),
            new LatentExportOptions { SampleSeed = parsed.GetValue(sample), Scaled = parsed.GetValue(scaled) }, new Output(parsed.GetValue(json))));
        return command;

        static LatentExportFormat ParseFormat(System.CommandLine.Parsing.ArgumentResult result)
        {
            var text = result.Tokens[0].Value;
            if (Enum.TryParse<LatentExportFormat>(text.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var format) && Enum.IsDefined(format) && !char.IsAsciiDigit(text[0]))
            {
                return format;
            }

            result.AddError($"--format is '{text}'; use lightning-dit, web-dataset, npy or kohya.");
            return default;
        }
    }

    private static int Export(string folder, string target, LatentExportFormat format, LatentExportOptions options, Output output)
    {
        using var store = LatentStore.Open(folder);
        using var interruption = new Interruption($"the image in progress is finished; {target} stays incomplete: delete it before the next export.");
        using (var progress = new ProgressLine("latents export", store.Count))
        {
            LatentExport.Run(store, target, format, options, new Latest<long>(done => progress.Report(done, 0)), interruption.Token);
        }

        output.Text.WriteLine($"{Counted.Of(store.Count, "image")} in {target}");
        output.Json(new { images = store.Count, @out = target, format });
        return ExitCode.Done;
    }
}
