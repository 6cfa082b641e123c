using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Mean error between image and reconstruction: absolute (LiteVAE section 3.2), squared or Charbonnier.</summary>
internal static class ReconstructionLoss
{
    /// <summary>Images [N, 3, H, W], twice, to a scalar in the images' units, for L2 in their square.</summary>
    public static Tensor Compute(Tensor image, Tensor reconstruction, ReconstructionKind kind = ReconstructionKind.L1)
    {
        using var scope = NewDisposeScope();
        var loss = kind switch
        {
            ReconstructionKind.L1 => nn.functional.l1_loss(reconstruction, image),
            ReconstructionKind.L2 => nn.functional.mse_loss(reconstruction, image),
            ReconstructionKind.Charbonnier => Charbonnier.Mean(reconstruction - image),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A reconstruction loss is of kind L1, L2 or Charbonnier."),
        };
        return loss.MoveToOuterDisposeScope();
    }
}
