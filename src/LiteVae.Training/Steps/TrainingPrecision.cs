namespace LiteVae.Training;

/// <summary>What the network computes in. Weights, their average, the optimiser's state and the losses are always 32-bit floats.</summary>
public enum TrainingPrecision
{
    /// <summary>32-bit floats.</summary>
    Float32,

    /// <summary>bfloat16: less memory, and faster where the device has it (NVIDIA Ampere and later).</summary>
    BFloat16,
}
