using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The weights of a trained model, from which another training starts.</summary>
internal static class StartingWeights
{
    /// <summary>Reads a LiteVAE.</summary>
    /// <param name="model">A model folder or a weight file, or the name of a model that ships.</param>
    /// <returns>The network, on the CPU, and its architecture. The caller disposes the network.</returns>
    /// <exception cref="IOException">There is no such model, or it holds no weights.</exception>
    /// <exception cref="InvalidDataException">The weights are broken, or those of another kind of autoencoder, which is not trained here.</exception>
    public static (AutoencoderNetwork Network, LiteVaeArchitecture Architecture) Read(string model)
    {
        var imported = WeightImporter.Import(Path.Exists(model) ? model : ModelFolder.Open(model).Path);
        if (imported.Network.Architecture is LiteVaeArchitecture architecture)
        {
            return (imported.Network, architecture);
        }

        imported.Dispose();
        throw new InvalidDataException($"{imported.WeightFile}: a training starts from a LiteVAE of this library, and these are weights of {imported.Format}.");
    }

    /// <summary>Puts the weights of a model into networks of its architecture.</summary>
    /// <exception cref="IOException">There is no such model, or it holds no weights.</exception>
    /// <exception cref="InvalidDataException">The weights are broken, or of another architecture; the message names what differs.</exception>
    public static void Load(string model, params ReadOnlySpan<LiteVaeNetwork> networks)
    {
        var (trained, architecture) = Read(model);
        using var owned = trained;
        ArchitectureDifference.Refuse(architecture, (LiteVaeArchitecture)networks[0].Architecture, $"{model}: this model");

        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var weights = trained.named_parameters().ToDictionary(named => named.name, named => named.parameter);
        foreach (var network in networks)
        {
            foreach (var (name, parameter) in network.named_parameters())
            {
                parameter.copy_(weights[name]);
            }
        }
    }
}
