namespace LiteVae.Training;

/// <summary>This library's own weights, as <see cref="OnnxExporter"/> writes them: a <c>model.safetensors</c>, perhaps changed by other software since.</summary>
internal sealed class LiteVaeFormat : IWeightFormat
{
    public string Name => "LiteVAE";

    public IReadOnlyList<string> Roots => ["encoder", "decoder"];

    public bool Knows(IReadOnlyCollection<string> names) => names.Contains("encoder.extract.0.stem.weight");

    public (string Name, IReadOnlyList<long> Shape) Translate(WeightEntry entry) => (entry.Name, entry.Shape);

    public LiteVaeConfig Configure(WeightShapes shapes, IReadOnlyDictionary<string, string> metadata, ConfigText? config)
    {
        var (text, source) = config is not null ? (config.Text, config.Path)
            : metadata.TryGetValue(LiteVaeConfig.OnnxMetadataKey, out var note) ? (note, $"the weights' metadata '{LiteVaeConfig.OnnxMetadataKey}'")
            : throw new InvalidDataException(
                $"These weights are a LiteVAE's, and their metadata hold no '{LiteVaeConfig.OnnxMetadataKey}': name the config.json of their model folder as the config.");
        var stated = LiteVaeConfig.Parse(text, source);
        return stated.Architecture is LiteVaeArchitecture ? stated : throw new InvalidDataException($"{source}: names no LiteVAE architecture, which these weights are of.");
    }
}
