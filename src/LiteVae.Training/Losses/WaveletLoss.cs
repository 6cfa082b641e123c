using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Charbonnier distance sqrt(d^2 + eps^2) between the high Haar bands H, V, D of image and reconstruction (LiteVAE section 3.2, Table 9).</summary>
internal static class WaveletLoss
{
    /// <summary>Images [N, 3, H, W], twice, to a scalar: level-1 bands, halved to image range, mean over the three bands.</summary>
    public static Tensor Compute(Tensor image, Tensor reconstruction)
    {
        using var scope = NewDisposeScope();
        var channels = image.shape[1];
        var bands = HaarWavelet.Forward(reconstruction - image).Times(0.5);         // linear, so the difference is transformed once
        var high = bands.narrow(1, channels, 3 * channels);                   // [N, 9, H/2, W/2]
        return Charbonnier.Mean(high).MoveToOuterDisposeScope();
    }
}
