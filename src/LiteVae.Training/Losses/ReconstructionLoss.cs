using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Mean absolute error between image and reconstruction (LiteVAE section 3.2).</summary>
internal static class ReconstructionLoss
{
    /// <summary>Images [N, 3, H, W], twice, to a scalar in the images' units.</summary>
    public static Tensor Compute(Tensor image, Tensor reconstruction) => nn.functional.l1_loss(reconstruction, image);
}
