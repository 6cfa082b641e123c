namespace LiteVae.Training;

/// <summary>Weights from elsewhere, in a network of their architecture. Whoever imported them disposes it, and the network with it.</summary>
/// <param name="Network">The network, on the CPU, with every weight from the file.</param>
/// <param name="Config">What is known of the model: architecture, latent channels, scaling.</param>
/// <param name="Scaling">Where the config's scaling comes from.</param>
/// <param name="Format">The family of the weights: <c>open-litevae</c>, <c>AutoencoderKL</c> or <c>LiteVAE</c>.</param>
/// <param name="WeightFile">The file that the weights were read from.</param>
/// <param name="ConfigSource">The config file that was read, or which file's metadata; null where the architecture was told from the tensors' shapes.</param>
/// <param name="Tensors">Tensors of the network, all of them read from the file.</param>
/// <param name="LeftOut">Names of the file's tensors that belong to no part of the network, such as a discriminator's.</param>
public sealed record ImportedModel(
    AutoencoderNetwork Network,
    LiteVaeConfig Config,
    ScalingSource Scaling,
    string Format,
    string WeightFile,
    string? ConfigSource,
    int Tensors,
    IReadOnlyList<string> LeftOut) : IDisposable
{
    /// <summary>Disposes the network.</summary>
    public void Dispose() => Network.Dispose();
}
