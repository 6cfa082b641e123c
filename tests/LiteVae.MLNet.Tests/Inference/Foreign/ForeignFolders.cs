using LiteVae.Tests.Shared;

namespace LiteVae.Tests.Inference.Foreign;

/// <summary>The model folders that PyTorch exported, and what it computes with them (<c>golden/make.py</c>).</summary>
internal static class ForeignFolders
{
    public const string Moments = "moments";
    public const string Sampling = "sampling";
    public const string Half = "half";
    public const string Plain = "plain";

    private static string Golden { get; } = Path.Combine(SharedData.Repository, "tests", "LiteVae.MLNet.Tests", "Inference", "golden");

    public static string PathOf(string name) => Path.Combine(Golden, name);

    /// <summary>What PyTorch computed: <c>image</c>, <c>moments</c>, <c>decoded</c>, <c>plain.latent</c>, <c>plain.decoded</c>.</summary>
    public static float[] Expected(string tensor)
    {
        using var reader = SafetensorsReader.Open(Path.Combine(Golden, "expected.safetensors"));
        return reader.ReadFloats(tensor);
    }

    /// <summary>The two images of 40 x 24 that PyTorch encoded.</summary>
    public static PixelTensor Images()
    {
        var images = new PixelTensor(2, 24, 40);
        Expected("image").CopyTo(images.Data.AsSpan());
        return images;
    }

    /// <summary>Half precision keeps 11 bits, and the values go through some ten layers of them.</summary>
    public static float Tolerance(string name) => name == Half ? 2e-2f : 1e-4f;
}
