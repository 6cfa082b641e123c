using System.Globalization;
using System.Text;

namespace LiteVae.Training;

/// <summary>What the author of a model says about it; becomes the <c>README.md</c> of the model folder. What is not known is left out.</summary>
public sealed record ModelCard
{
    /// <summary>What the model is and is for, in a sentence or two (Markdown). Default: a general sentence.</summary>
    public string Summary { get; init; } = "A LiteVAE autoencoder: images to latents an eighth of their size, and back.";

    /// <summary>Licence of the weights, an SPDX identifier, or null where not stated.</summary>
    public string? Licence { get; init; }

    /// <summary>How the model was trained, a paragraph (Markdown), or null where not stated.</summary>
    public string? Training { get; init; }

    /// <summary>Measured quality, in the order to print. Default none.</summary>
    public IReadOnlyList<ModelMetric> Metrics { get; init; } = [];

    /// <summary>What the model should not be used for, or is bad at, a paragraph (Markdown), or null where not stated.</summary>
    public string? Limitations { get; init; }

    /// <summary>Refuses a name or a licence that would break out of its line of the card, whose first lines programs read.</summary>
    /// <exception cref="ArgumentException">One has a line break or another control character.</exception>
    internal void Require(LiteVaeConfig config)
    {
        RequireLine("model's name", config.Name);
        RequireLine("licence", Licence);
        RequireLine("training data's name", config.TrainingData?.Name);
        RequireLine("training data's licence", config.TrainingData?.Licence);

        static void RequireLine(string what, string? text)
        {
            if (!IsLine(text))
            {
                throw new ArgumentException($"The {what} is '{FaultText.Printable(text)}' with a line break or another control character (shown as ?); it must be one line of text.");
            }
        }
    }

    /// <summary>Whether a text has no line break and no other control character. The separators of Unicode break a line too, where YAML is read.</summary>
    internal static bool IsLine(string? text) => text?.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029') != true;

    internal string ToMarkdown(LiteVaeConfig config, long encoderParameters, long decoderParameters, ParityReport parity)
    {
        var card = new StringBuilder();
        if (Licence is not null)
        {
            // The front matter by which model hubs show the licence.
            card.Append(CultureInfo.InvariantCulture, $"---\nlicense: {Licence.ToLowerInvariant()}\ntags: [litevae, vae, onnx]\n---\n\n");
        }

        card.Append(CultureInfo.InvariantCulture, $"# {config.Name}\n\n{Summary}\n\n");
        card.Append("| | |\n|---|---|\n");
        if (config.Architecture is { } architecture)
        {
            card.Append(CultureInfo.InvariantCulture, $"| architecture | {Describe(architecture)} |\n");
        }

        card.Append(CultureInfo.InvariantCulture, $"| latent | {config.LatentChannels} channels, 1/{config.DownsamplingFactor} of each side |\n");
        card.Append(CultureInfo.InvariantCulture, $"| parameters | encoder {encoderParameters:N0}, decoder {decoderParameters:N0} |\n");
        if (config.TrainingData is { } data)
        {
            card.Append(CultureInfo.InvariantCulture, $"| training data | {data.Name} ({data.Licence}) |\n");
        }

        if (Licence is not null)
        {
            card.Append(CultureInfo.InvariantCulture, $"| licence of the weights | {Licence} |\n");
        }

        Section(card, "Training", Training);
        if (Metrics.Count > 0)
        {
            var rows = Metrics.Select(metric => string.Create(CultureInfo.InvariantCulture, $"| {metric.Name} | {metric.Value:G5} | {metric.Protocol} |"));
            Section(card, "Quality", $"| metric | value | measured on |\n|---|---:|---|\n{string.Join('\n', rows)}");
        }

        Section(card, "Limitations", Limitations);
        Section(card, "Files", Files(config));
        Section(card, "Parity", $"{parity.Runtime} against {parity.Reference}, largest and mean absolute error. Scale is the larger of 1 and the output's standard deviation; allowed is {parity.Tolerance:G1} times the scale.\n\n{parity.ToTable().TrimEnd()}");
        return card.ToString();
    }

    private static string Files(LiteVaeConfig config)
    {
        var factor = config.DownsamplingFactor;
        return $"""
            - `vae_encoder/model.onnx`: `sample` [N, 3, H, W], RGB in [-1, 1], to `latent_parameters` [N, 2 nz, H/{factor}, W/{factor}]: mean, then log variance. H and W are multiples of {factor}.
            - `vae_decoder/model.onnx`: `latent_sample` [N, nz, h, w] to `sample` [N, 3, {factor}h, {factor}w].
            - `model.safetensors`: the weights, {(config.Architecture is LiteVaeArchitecture ? "as the trainer names them" : "under the names of their own family")}. `config.json`: architecture, scaling, preprocessing. `parity.json`: the table below.
            """;
    }

    private static void Section(StringBuilder card, string title, string? text)
    {
        if (!string.IsNullOrWhiteSpace(text))
        {
            card.Append(CultureInfo.InvariantCulture, $"\n## {title}\n{text}\n");
        }
    }

    private static string Describe(ModelArchitecture architecture) => architecture switch
    {
        LiteVaeArchitecture own => Describe(own),
        OpenLiteVaeArchitecture { Encoder: var encoder, Decoder: var decoder } => "open-litevae; encoder: "
            + $"extractors {Shape(encoder.ExtractorChannels, encoder.ExtractorMult)} of {encoder.ExtractorResblocks} blocks a level, "
            + $"aggregator {Shape(encoder.AggregateChannels, encoder.AggregateMult)} of {encoder.AggregateResblocks}, GroupNorm; "
            + $"decoder: {Shape(decoder.Channels, decoder.ChannelMult)}, {decoder.NumResBlocks + 1} blocks a level, self-modulated convolutions",
        AutoencoderKLArchitecture kl => $"diffusers' AutoencoderKL: channels {string.Join(", ", kl.BlockOutChannels)}; {kl.LayersPerBlock} blocks a level, "
            + $"{kl.LayersPerBlock + 1} in the decoder; {(kl.MidBlockAddAttention ? "attention" : "no attention")}",
        _ => architecture.GetType().Name,
    };

    private static string Describe(LiteVaeArchitecture architecture)
    {
        var (encoder, decoder) = (architecture.Encoder, architecture.Decoder);
        var preset = architecture.Preset is null ? "" : $"LiteVAE-{architecture.Preset}; ";
        return $"{preset}encoder: extractors {Shape(encoder.Extractor)}{(encoder.SharedExtractors ? " shared" : "")}, aggregator {Shape(encoder.Aggregator)}, {Name(encoder.Norm)}; "
            + $"decoder: {Shape(decoder.Width, decoder.Multipliers)}, {decoder.BlocksPerLevel} blocks a level, {Name(decoder.Norm)}, "
            + $"{(decoder.Attention ? "attention" : "no attention")}, {(decoder.Output == DecoderOutput.Wavelet ? "wavelet" : "image")} output{(architecture.LinearCode is null ? "" : "; a linear code beside both")}";
    }

    private static string Shape(UNetShape shape) => Shape(shape.Width, shape.Multipliers);

    private static string Shape(int width, IReadOnlyList<int> multipliers) => $"{width} ({string.Join(", ", multipliers)})";

    private static string Name(BlockNorm norm) => norm == BlockNorm.SelfModulated ? "self-modulated convolutions" : "GroupNorm";
}

/// <summary>One measured number of a <see cref="ModelCard"/>.</summary>
/// <param name="Name">The metric with its unit, for example <c>PSNR (dB)</c>.</param>
/// <param name="Value">The number.</param>
/// <param name="Protocol">Which images at which size, and how, so that the number can be compared.</param>
public sealed record ModelMetric(string Name, double Value, string Protocol);
