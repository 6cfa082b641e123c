namespace LiteVae.Training;

/// <summary>Where weights and their config lie.</summary>
internal static class WeightLocation
{
    private const string ConfigFile = "config.json";
    private const string PipelinePart = "vae";

    /// <summary>What a folder of weights holds, the one looked for first first.</summary>
    private static readonly string[] Names =
    [
        "diffusion_pytorch_model.safetensors", "model.safetensors", "diffusion_pytorch_model.fp16.safetensors", "diffusion_pytorch_model.bin", "pytorch_model.bin",
    ];

    /// <summary>The weight file: the path itself, or what a folder holds.</summary>
    /// <exception cref="FileNotFoundException">A folder holds none; the message says what else is there.</exception>
    public static string FindWeights(string path)
    {
        if (!Directory.Exists(path))
        {
            return path;
        }

        if (In(path) is { } file)
        {
            return file;
        }

        var part = Path.Combine(path, PipelinePart);
        var hint = Directory.Exists(part) && In(part) is not null ? $"This is the folder of a whole pipeline: name {part}."
            : Directory.EnumerateFiles(path, "*.index.json").Any() ? "Weights in several files (shards) are not read: save them as one."
            : "Name the weight file itself.";
        throw new FileNotFoundException($"{path}: this folder holds none of {string.Join(", ", Names)}. {hint}", path);
    }

    /// <summary>
    /// The config of weights: the one that is named; else this library's own beside the weights or in their metadata; else the one beside the weights; else null.
    /// </summary>
    public static ConfigText? FindConfig(IWeightFile file, string? named)
    {
        if (named is not null)
        {
            return ConfigText.Read(named);
        }

        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file.Path))!, ConfigFile);
        var beside = File.Exists(path) ? ConfigText.Read(path) : null;
        return beside is not { IsOwn: true } && file.Metadata.TryGetValue(LiteVaeConfig.MetadataKey, out var text)
            ? new ConfigText($"{file.Path} (metadata '{LiteVaeConfig.MetadataKey}')", text)
            : beside;
    }

    private static string? In(string folder) => Names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
