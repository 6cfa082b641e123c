namespace LiteVae.Benchmarks;

/// <summary>What the command line says of every question.</summary>
/// <param name="Model">The model's folder.</param>
/// <param name="Rounds">Rounds of a paired timing.</param>
/// <param name="Images">Images in a round.</param>
/// <param name="Batch">Images that go through the model at once.</param>
/// <param name="Steps">Training steps in a round.</param>
/// <param name="Threads">Threads of ONNX Runtime and of libtorch, or null for the one's own choice and one a core.</param>
/// <param name="Data">Folder of training images.</param>
/// <param name="Python">The Python that has PyTorch, or null to look for one.</param>
internal sealed record Settings(string Model, int Rounds, int Images, int Batch, int Steps, int? Threads, string Data, string? Python)
{
    /// <summary>Width and height of the images in the model, pixels.</summary>
    public const int Side = 256;

    /// <summary>Threads of libtorch.</summary>
    public int TrainingThreads => Threads ?? Environment.ProcessorCount;

    /// <summary>The encoder's graph.</summary>
    public string Encoder => Path.Combine(Model, "vae_encoder", "model.onnx");

    /// <summary>Options of <c>LiteVaeEncode</c>: moments, which is all that the encoder gives, so that every way gives the same.</summary>
    public LiteVaeEncodeOptions EncodeOptions(int side = Side) =>
        new() { Model = Model, Width = side, Height = side, Output = LatentOutput.Moments, BatchSize = Batch, Threads = Threads };
}
