using System.Globalization;
using LiteVae.Cli.Reports;
using LiteVae.Training;

namespace LiteVae.Cli.Commands;

/// <summary>What <c>litevae export</c> and <c>litevae import</c> have in common: the latents' scale, and the model folder with its comparison.</summary>
internal static class ModelExport
{
    /// <summary>A model's name: what was said, or else its folder's.</summary>
    public static string NameOf(string? said, string folder) => said ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    /// <summary>Measures the latents that a network makes of images.</summary>
    /// <param name="command">The command that does it, for the progress.</param>
    /// <param name="network">The network.</param>
    /// <param name="images">A folder of images, or a text file of paths.</param>
    public static LatentStatistics Measure(string command, AutoencoderNetwork network, string images)
    {
        using var interruption = new Interruption("nothing is written.");
        using var progress = new ProgressLine(command, LatentMeasurement.DefaultImages);
        return LatentMeasurement.Measure(
            network,
            images,
            progress: (done, total) => progress.Report(
                done == total,
                () => $"measuring latents: {done}/{total} images",
                () => new { @event = "progress", command, done, total }),
            cancellation: interruption.Token);
    }

    /// <summary>Writes the model folder and says how far its ONNX files are from the network.</summary>
    /// <param name="command">The command that does it, for the progress.</param>
    /// <param name="output">Where to say it.</param>
    /// <param name="network">The network.</param>
    /// <param name="config">The model's config.</param>
    /// <param name="folder">The model's folder.</param>
    /// <param name="card">What is known about the model.</param>
    public static ParityReport Write(string command, Output output, AutoencoderNetwork network, LiteVaeConfig config, string folder, ModelCard card)
    {
        var parity = Compare(command, network, config, folder, card);
        output.Text.WriteLine();
        output.Text.Write(parity.ToTable());
        output.Text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"worst error {parity.WorstError:0.0E+0} of the output's scale; allowed {parity.Tolerance:0.0E+0}"));
        output.Text.WriteLine($"model: {folder}");
        return parity;
    }

    // Stable Diffusion's takes minutes on two cores.
    private static ParityReport Compare(string command, AutoencoderNetwork network, LiteVaeConfig config, string folder, ModelCard card)
    {
        using var interruption = new Interruption("nothing is written.");
        using var progress = new ProgressLine(command, ParityCheck.Comparisons);
        return OnnxExporter.Export(
            network,
            config,
            folder,
            card,
            (done, total) => progress.Report(
                done == total,
                () => $"comparing with the network: {done}/{total}",
                () => new { @event = "progress", command, step = "compare", done, total }),
            interruption.Token);
    }
}
