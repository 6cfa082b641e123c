namespace LiteVae.Training;

internal static class WeightFile
{
    public static IWeightFile Open(string path) => new Adapter(path, SafetensorsReader.Open(path));

    private sealed class Adapter(string path, SafetensorsReader reader) : IWeightFile
    {
        public string Path => path;
        public IReadOnlyDictionary<string, string> Metadata => reader.Metadata;
        public IReadOnlyList<WeightEntry> Entries { get; } = [.. reader.Entries.Select(e => new WeightEntry(e.Name, e.Type, e.Shape))];
        public float[] ReadFloats(string name) => reader.ReadFloats(name);
        public void Dispose() => reader.Dispose();
    }
}
