namespace LiteVae.Training;

/// <summary>Which adversarial loss; the paper's Table 16 finds them equal within noise.</summary>
public enum AdversarialKind
{
    /// <summary>Logits beyond 1 on the right side cost nothing; the generator raises its logits without end (Lim and Ye 2017).</summary>
    Hinge,

    /// <summary>Cross-entropy, non-saturating for the generator (Goodfellow et al. 2014).</summary>
    Logistic,
}
