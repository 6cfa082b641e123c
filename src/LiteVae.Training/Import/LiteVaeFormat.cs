namespace LiteVae.Training;

/// <summary>This library's own weights, as <see cref="OnnxExporter"/> writes them: a <c>model.safetensors</c>, perhaps changed by other software since.</summary>
internal sealed class LiteVaeFormat : IWeightFormat
{
    public string Name => "LiteVAE";

    public string Mark => "encoder.extract.0.";

    public Type ArchitectureType => typeof(LiteVaeArchitecture);

    public IReadOnlyList<string> Roots => ["encoder", "decoder"];

    public (string Name, IReadOnlyList<long> Shape) Translate(WeightEntry entry) => (entry.Name, entry.Shape);

    public (LiteVaeConfig Config, ScalingSource Scaling) Configure(WeightShapes shapes, ConfigText? config) => throw new InvalidDataException(
        $"{config?.Path ?? shapes.Path}: no architecture of a LiteVAE is stated: name the config.json of the weights' model folder as the config.");
}
