using System.Globalization;

namespace LiteVae.Cli.Reports;

/// <summary>What <c>info</c> says of a model whose architecture is not known: what its graphs state, and what was found out from them.</summary>
internal static class GraphSummary
{
    private sealed record Half(long Parameters, long? Opset, string Input, string Output);

    public static void Write(Output output, ModelFolder folder)
    {
        var config = folder.Config;
        var encoder = Describe(folder.ReadEncoder());
        var decoder = File.Exists(Path.Combine(folder.Path, ModelFolder.DecoderFile)) ? Describe(folder.ReadDecoder()) : null;

        output.Text.WriteLine(config.Name);
        var table = new TextTable("part", ">parameters", ">opset", "input", "output");
        Add(table, "encoder", encoder);
        Add(table, "decoder", decoder);
        table.Write(output);
        output.Text.WriteLine(
            $"latent: {config.LatentChannels} channels, 1/{config.DownsamplingFactor} of each side; the encoder gives {(config.EncoderOutput == EncoderOutput.Latent ? "plain latents" : "moments")}");
        var tiling = TilingSummary.Of(folder);
        tiling.Write(output);
        output.Text.WriteLine(config.ToJson());
        output.Json(new { model = config.Name, encoder_output = config.EncoderOutput, encoder, decoder, tiling, config });
    }

    private static Half Describe(OnnxModelFile file) => new(file.Parameters, file.Opset, $"{file.Inputs.Single()}", $"{file.Outputs.Single()}");

    private static void Add(TextTable table, string name, Half? half)
    {
        if (half is not null)
        {
            table.Add(name, half.Parameters.ToString("N0", CultureInfo.InvariantCulture), $"{half.Opset}", half.Input, half.Output);
        }
    }
}
