namespace LiteVae.Training;

/// <summary>Where an imported model's scaling comes from.</summary>
public enum ScalingSource
{
    /// <summary>Nowhere: the factor is 1 and the shift 0, until somebody measures them.</summary>
    NotStated,

    /// <summary>A config that does not name it, so that the default of its family stands.</summary>
    FamilyDefault,

    /// <summary>The weights' config names it.</summary>
    Stated,
}
