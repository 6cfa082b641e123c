using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>
/// Reads published weights without Python: open-litevae's and Diffusers' AutoencoderKL's, and this library's own, from <c>.safetensors</c> or
/// from PyTorch's zip files (<c>.ckpt</c>, <c>.pth</c>, <c>.bin</c>), of which nothing is ever executed.
/// </summary>
/// <remarks><see cref="OnnxExporter"/> makes a model folder of what it reads.</remarks>
public static class WeightImporter
{
    private const string ConfigFile = "config.json";

    /// <summary>What a folder of weights holds, the one looked for first first.</summary>
    private static readonly string[] WeightFiles =
        ["diffusion_pytorch_model.safetensors", "model.safetensors", "diffusion_pytorch_model.bin", "pytorch_model.bin"];

    private static readonly IWeightFormat[] Formats = [new OpenLiteVaeFormat(), new AutoencoderKLFormat(), new LiteVaeFormat()];

    /// <summary>Reads weights into a network of their architecture.</summary>
    /// <param name="path">The weight file, or a folder with one that is called as Diffusers or this library calls it.</param>
    /// <param name="config">
    /// The config file of the weights' own family; null takes the <c>config.json</c> beside the weights, and where there is none the architecture is told
    /// from the tensors' shapes (a LiteVAE's from the file's metadata).
    /// </param>
    /// <returns>The network and what is known of it. The caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">A file is not there.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is broken or of no known family, a tensor is missing, of another shape, unknown, or not finite; the message names what and where.
    /// </exception>
    /// <exception cref="DllNotFoundException">libtorch is not to be found.</exception>
    public static ImportedModel Import(string path, string? config = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var weightPath = FindWeights(path);
        var configText = FindConfig(weightPath, config);
        using var file = WeightFile.Open(weightPath);

        var format = Recognise(file);
        var tensors = NetworkTensors.From(file, format);
        var described = OwnConfig(configText, file) ?? Checked(format.Configure(tensors.Shapes, configText), configText?.Path ?? weightPath);
        tensors.RequireFit(described.Architecture!);

        var network = AutoencoderNetwork.Create(described.Architecture!);
        try
        {
            var count = Fill(network, tensors, file);
            return new ImportedModel(network, described, format.Name, weightPath, configText?.Path, count, tensors.LeftOut);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static string FindWeights(string path)
    {
        if (!Directory.Exists(path))
        {
            return path;
        }

        return WeightFiles.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"{path}: this folder holds none of {string.Join(", ", WeightFiles)}: name the weight file itself.", path);
    }

    private static ConfigText? FindConfig(string weightPath, string? named)
    {
        var beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(weightPath))!, ConfigFile);
        return named is not null ? ConfigText.Read(named) : File.Exists(beside) ? ConfigText.Read(beside) : null;
    }

    private static IWeightFormat Recognise(IWeightFile file)
    {
        if (file.Metadata.GetValueOrDefault(Checkpoint.FormatKey) == Checkpoint.Format)
        {
            throw new InvalidDataException($"{file.Path}: this is a training checkpoint: `litevae export` makes a model of it.");
        }

        var names = file.Entries.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        return Formats.FirstOrDefault(format => format.Knows(names))
            ?? throw new InvalidDataException(
                $"{file.Path}: the {names.Count} tensors are of no known family ({string.Join(", ", Formats.Select(format => format.Name))})"
                + $"{(names.Count > 0 ? $"; they are called, for example, '{string.Join("', '", names.Order(StringComparer.Ordinal).Take(3))}'" : "")}.");
    }

    /// <summary>What this library itself said about the weights when it wrote them, if it did: in the folder's config, or in the file's metadata.</summary>
    private static LiteVaeConfig? OwnConfig(ConfigText? config, IWeightFile file)
    {
        var (text, source) = config is null ? (file.Metadata.GetValueOrDefault(LiteVaeConfig.OnnxMetadataKey), $"{file.Path} (metadata '{LiteVaeConfig.OnnxMetadataKey}')")
            : config.IsOwn ? (config.Text, config.Path) : (null, "");
        if (text is null)
        {
            return null;
        }

        var stated = LiteVaeConfig.Parse(text, source);
        return stated.Architecture is not null ? stated : throw new InvalidDataException($"{source}: states no architecture to read the weights into.");
    }

    private static LiteVaeConfig Checked(LiteVaeConfig config, string source)
    {
        // the same faults that reading it back would find
        _ = LiteVaeConfig.Parse(config.ToJson(), source);
        return config;
    }

    private static int Fill(AutoencoderNetwork network, NetworkTensors tensors, IWeightFile file)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var parameters = network.named_parameters().ToList();
        foreach (var (name, parameter) in parameters)
        {
            using var inner = NewDisposeScope();
            var values = file.ReadFloats(tensors.SourceOf(name));
            var broken = Array.FindIndex(values, value => !float.IsFinite(value));
            if (broken >= 0)
            {
                throw new InvalidDataException($"{file.Path}: the tensor '{tensors.SourceOf(name)}' is {values[broken]} at place {broken}: these weights are broken.");
            }

            parameter.copy_(tensor(values, parameter.shape));
        }

        return parameters.Count;
    }
}
