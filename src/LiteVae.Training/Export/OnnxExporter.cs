using TorchSharp;

namespace LiteVae.Training;

/// <summary>Writes a network as a model folder that runs without libtorch: two ONNX files, the weights, the config and a report.</summary>
public static class OnnxExporter
{
    /// <summary>What a model folder may hold. A folder with anything else in it is never replaced.</summary>
    private static readonly string[] Files =
        [ModelFolder.ConfigFile, ModelFolder.EncoderFile, ModelFolder.DecoderFile, "model.safetensors", "parity.json", "metrics.json", "recipe.json", "README.md"];

    /// <summary>
    /// Exports a network in fp32, checks the ONNX files against it, and writes the folder as a whole or not at all:
    /// <c>config.json</c>, <c>vae_encoder/model.onnx</c>, <c>vae_decoder/model.onnx</c>, <c>model.safetensors</c>, <c>parity.json</c> and
    /// <c>README.md</c>. The same network and config give the same ONNX files byte for byte.
    /// </summary>
    /// <param name="network">The network, on the CPU, with the weights to ship (the averaged ones, where training keeps an average).</param>
    /// <param name="config">What <c>config.json</c> will say. Its latent channels must be the network's; the architecture is filled in from the network.</param>
    /// <param name="folder">Where the model goes: a new or empty folder, or an exported model to replace.</param>
    /// <param name="card">What is known about the model, for its <c>README.md</c>.</param>
    /// <param name="progress">Told (comparisons done, of how many) while the ONNX files are compared with the network, or null.</param>
    /// <param name="cancellation">Stops between two comparisons; nothing is written then.</param>
    /// <returns>The comparison of the ONNX files with the network, as in <c>parity.json</c>.</returns>
    /// <exception cref="ArgumentException">
    /// The network is not on the CPU, the config has another number of latent channels, or its name or the card's licence is longer than a line.
    /// </exception>
    /// <exception cref="InvalidOperationException">An ONNX file's output is too far from the network's; nothing is written.</exception>
    /// <exception cref="IOException"><paramref name="folder"/> holds something else than an exported model, or cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ParityReport Export(
        AutoencoderNetwork network, LiteVaeConfig config, string folder, ModelCard? card = null, Action<int, int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        RequireCpu(network);
        var complete = WithArchitecture(config, network.Architecture);
        card ??= new ModelCard();
        card.Require(complete);

        ParityReport? report = null;
        StagedFolder.Write(folder, IsModelFolder, staging =>
        {
            var (encoder, decoder) = ToOnnx(network, complete);
            report = ParityCheck.Run(network, encoder, decoder, progress, cancellation);
            RequireParity(report);

            AtomicFile.WriteAllBytes(Path.Combine(staging, ModelFolder.EncoderFile), encoder);
            AtomicFile.WriteAllBytes(Path.Combine(staging, ModelFolder.DecoderFile), decoder);
            SafetensorsWriter.Write(
                Path.Combine(staging, "model.safetensors"),
                Weights(network),
                new Dictionary<string, string> { ["format"] = "pt", [LiteVaeConfig.MetadataKey] = complete.ToJson() });
            AtomicFile.WriteAllText(Path.Combine(staging, "parity.json"), report.ToJson() + "\n");
            AtomicFile.WriteAllText(Path.Combine(staging, ModelFolder.ConfigFile), complete.ToJson() + "\n");
            var size = NetworkSummary.Of(network.Architecture, network.Architecture.DownsamplingFactor, network.Architecture.DownsamplingFactor);
            var readme = card.ToMarkdown(complete, size.Encoder.Parameters, size.Decoder.Parameters, report);
            AtomicFile.WriteAllText(Path.Combine(staging, "README.md"), readme);
            cancellation.ThrowIfCancellationRequested();
        });
        return report!;
    }

    /// <summary>Refuses a folder that <see cref="Export"/> would refuse: to be asked before the work that comes before the export.</summary>
    /// <exception cref="IOException">It is or lies under a file, or holds something else than an exported model.</exception>
    internal static void RequireFree(string folder) => StagedFolder.RequireFree(folder, IsModelFolder);

    /// <summary>The bytes of the two ONNX files, each with the config in its metadata.</summary>
    internal static (byte[] Encoder, byte[] Decoder) ToOnnx(AutoencoderNetwork network, LiteVaeConfig config)
    {
        var encoder = OnnxNetwork.Encoder(network);
        var decoder = OnnxNetwork.Decoder(network);
        encoder.Metadata(LiteVaeConfig.MetadataKey, config.ToJson());
        decoder.Metadata(LiteVaeConfig.MetadataKey, config.ToJson());
        return (encoder.ToBytes(), decoder.ToBytes());
    }

    private static void RequireCpu(AutoencoderNetwork network)
    {
        foreach (var (name, parameter) in network.named_parameters())
        {
            if (parameter.device_type != DeviceType.CPU)
            {
                throw new ArgumentException($"The parameter '{name}' is on {parameter.device}: call network.cpu() before the export, which compares fp32 results on the CPU.", nameof(network));
            }
        }
    }

    private static LiteVaeConfig WithArchitecture(LiteVaeConfig config, ModelArchitecture architecture)
    {
        if (config.LatentChannels != architecture.LatentChannels)
        {
            throw new ArgumentException($"The config says {config.LatentChannels} latent channels; the network has {architecture.LatentChannels}.", nameof(config));
        }

        return config with { Architecture = architecture, DownsamplingFactor = architecture.DownsamplingFactor };
    }

    private static void RequireParity(ParityReport report)
    {
        if (!report.Passed)
        {
            throw new InvalidOperationException(
                $"The exported ONNX files differ from the network by more than {report.Tolerance:G1} of the output's scale, or give values that are not finite. "
                + $"Nothing was written. Check the weights for NaN or extreme values.\n{report.ToTable()}");
        }
    }

    private static List<SafetensorsTensor> Weights(AutoencoderNetwork network)
    {
        using var scope = torch.NewDisposeScope();
        return [.. network.state_dict()
            .OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => SafetensorsTensor.FromFloats(entry.Key, entry.Value.shape, entry.Value.detach().to(torch.float32).contiguous().data<float>().ToArray()))];
    }

    private static bool IsModelFolder(string folder)
    {
        var config = Path.Combine(folder, ModelFolder.ConfigFile);
        if (!File.Exists(config) || Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any(file => !Files.Contains(Path.GetRelativePath(folder, file).Replace('\\', '/'))))
        {
            return false;
        }

        try
        {
            return LiteVaeConfig.Parse(File.ReadAllText(config), config).Architecture is not null;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
