using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The Charbonnier distance sqrt(d^2 + eps^2): an absolute error that is smooth at 0.</summary>
internal static class Charbonnier
{
    private const double Epsilon = 1e-3; // the paper is silent; the value usual for Charbonnier losses

    /// <summary>A difference of any shape to the mean of its elements' distances, a scalar: eps where there is no difference.</summary>
    public static Tensor Mean(Tensor difference)
    {
        using var scope = NewDisposeScope();
        return difference.Squared().Plus(Epsilon * Epsilon).sqrt().mean().MoveToOuterDisposeScope();
    }
}
