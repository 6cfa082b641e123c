using System.Globalization;
using LiteVae.Tests.Shared;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests;

/// <summary>Golden losses and tensors, computed with PyTorch; skips where they are absent.</summary>
internal static class Golden
{
    public static Tensor Tensor(string name) => Read(SharedData.PathOrSkip("fixtures/losses/tensors.safetensors"), name);

    /// <summary>A tensor of a safetensors file.</summary>
    public static Tensor Read(string path, string name)
    {
        using var reader = SafetensorsReader.Open(path);
        Assert.True(reader.TryGetEntry(name, out var entry));
        return tensor(reader.ReadFloats(name), [.. entry!.Shape]);
    }

    public static double Value(string loss) => double.Parse(
        File.ReadLines(SharedData.PathOrSkip("fixtures/losses/expected.csv")).Single(l => l.StartsWith(loss + ",", StringComparison.Ordinal)).Split(',')[1],
        CultureInfo.InvariantCulture);

    public static void AssertClose(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.InRange((expected - actual).abs().max().item<float>(), 0, tolerance);
    }
}
