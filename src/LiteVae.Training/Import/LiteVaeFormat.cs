namespace LiteVae.Training;

/// <summary>This library's own weights, as <see cref="OnnxExporter"/> writes them: a <c>model.safetensors</c>, perhaps changed by other software since.</summary>
internal sealed class LiteVaeFormat : IWeightFormat
{
    public string Name => "LiteVAE";

    public IReadOnlyList<string> Roots => ["encoder", "decoder"];

    public bool Knows(IReadOnlyCollection<string> names) => names.Contains("encoder.extract.0.stem.weight");

    public (string Name, IReadOnlyList<long> Shape) Translate(WeightEntry entry) => (entry.Name, entry.Shape);

    public LiteVaeConfig Configure(WeightShapes shapes, ConfigText? config) => throw new InvalidDataException(
        $"{config?.Path ?? "These weights are a LiteVAE's"}: no architecture is stated: name the config.json of their model folder as the config.");
}
