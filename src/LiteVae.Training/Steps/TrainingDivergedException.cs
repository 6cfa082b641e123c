namespace LiteVae.Training;

/// <summary>A loss or a gradient is not finite: training cannot go on.</summary>
public sealed class TrainingDivergedException(string message) : Exception(message);
