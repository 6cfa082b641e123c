using System.Globalization;
using LiteVae.Training;

namespace LiteVae.Cli.Reports;

/// <summary>All presets, counted, beside the paper's own counts.</summary>
internal static class PresetTable
{
    // LiteVAE (arXiv 2405.14477), Tables 1 to 3: millions of encoder parameters.
    private static readonly Dictionary<string, string> Paper = new() { ["S"] = "1.03 M", ["B"] = "6.75 M", ["M"] = "32.75 M", ["L"] = "41.42 M" };

    private static readonly int[] LatentChannels = [4, 12];

    // The same tables' baseline, Stable Diffusion 1's autoencoder.
    private static readonly AutoencoderKLArchitecture Baseline = new();
    private const string BaselinePaper = "34.16 M";

    /// <summary>Writes the table, and its JSON if asked for.</summary>
    public static void Write(Output output, int side)
    {
        var table = new TextTable("preset", ">nz", ">encoder parameters", ">paper", ">encoder multiply-adds", ">decoder parameters", ">decoder multiply-adds");
        List<object> rows = [];
        foreach (var preset in LiteVaePreset.Names)
        {
            foreach (var channels in LatentChannels)
            {
                Add(preset, LiteVaePreset.Get(preset, channels), Paper[preset]);
            }
        }

        Add("SD-VAE", Baseline, BaselinePaper);
        table.Write(output);
        output.Text.WriteLine($"Multiply-adds for one image of {side} x {side}; the decoder is the paper's. SD-VAE is Stable Diffusion 1's, the baseline.");
        output.Json(new { image = new { width = side, height = side }, presets = rows });

        void Add(string preset, ModelArchitecture architecture, string paper)
        {
            var (encoder, decoder) = NetworkSummary.Of(architecture, side, side);
            table.Add(preset, $"{architecture.LatentChannels}", Count(encoder.Parameters), paper, Giga(encoder.MultiplyAdds), Count(decoder.Parameters), Giga(decoder.MultiplyAdds));
            rows.Add(new { preset, latent_channels = architecture.LatentChannels, encoder, decoder, paper });
        }
    }

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Giga(long value) => (value / 1e9).ToString("0.00 G", CultureInfo.InvariantCulture);
}
