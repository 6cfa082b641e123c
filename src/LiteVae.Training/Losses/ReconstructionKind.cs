namespace LiteVae.Training;

/// <summary>How the pixels' error is measured, as a mean over all of them.</summary>
public enum ReconstructionKind
{
    /// <summary>Mean absolute error, the paper's.</summary>
    L1,

    /// <summary>Mean squared error: the best PSNR, blurred where L1 is sharp.</summary>
    L2,

    /// <summary>sqrt(d^2 + eps^2) with eps = 0.001: L1 that is smooth at 0.</summary>
    Charbonnier,
}
