using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>
/// Reads published weights without Python: open-litevae's and Diffusers' AutoencoderKL's, and this library's own, from <c>.safetensors</c> or
/// from PyTorch's zip files (<c>.ckpt</c>, <c>.pth</c>, <c>.bin</c>), of which nothing is ever executed.
/// </summary>
/// <remarks><see cref="OnnxExporter"/> makes a model folder of what it reads.</remarks>
public static class WeightImporter
{
    /// <summary>Reads weights into a network of their architecture.</summary>
    /// <param name="path">The weight file, or a folder with one that is called as Diffusers or this library calls it.</param>
    /// <param name="config">
    /// The config file of the weights' own family. Null takes the <c>config.json</c> beside the weights or, of this library's own weights, what their metadata
    /// say; where there is neither, the architecture is told from the tensors' shapes.
    /// </param>
    /// <returns>The network and what is known of it. The caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">A file is not there.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is broken or of no known family, a tensor is missing, of another shape, unknown, or not finite; the message names what and where.
    /// </exception>
    /// <exception cref="DllNotFoundException">libtorch is not to be found.</exception>
    public static ImportedModel Import(string path, string? config = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using var file = WeightFile.Open(WeightLocation.FindWeights(path));
        var text = WeightLocation.FindConfig(file, config);
        var family = WeightFamily.Of(file);
        var tensors = NetworkTensors.From(file, family);

        var (described, scaling) = text is { IsOwn: true } ? Own(text, file, family.Format) : family.Format.Configure(tensors.Shapes, text);
        var architecture = described.Require(text?.Path ?? file.Path).Architecture!;
        tensors.RequireFit(architecture, text?.Path);

        var network = AutoencoderNetwork.Create(architecture);
        try
        {
            var count = Fill(network, tensors, file);
            return new ImportedModel(network, described, scaling, family.Format.Name, file.Path, text?.Path, count, tensors.LeftOut);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>What this library itself said about the weights when it wrote them.</summary>
    private static (LiteVaeConfig Config, ScalingSource Scaling) Own(ConfigText config, IWeightFile file, IWeightFormat format)
    {
        var stated = LiteVaeConfig.Parse(config.Text, config.Path);
        return stated.Architecture?.GetType() == format.ArchitectureType
            ? (stated, config.Names("scaling_factor") ? ScalingSource.Stated : ScalingSource.NotStated)
            : throw new InvalidDataException(
                $"{config.Path}: this config states {(stated.Architecture is null ? "no architecture" : "an architecture of another kind")}; the weights in {file.Path} are those of {format.Name}. Name their own config, or put them where no other lies beside them.");
    }

    private static int Fill(AutoencoderNetwork network, NetworkTensors tensors, IWeightFile file)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var parameters = network.named_parameters().ToList();
        foreach (var (name, parameter) in parameters)
        {
            using var inner = NewDisposeScope();
            parameter.copy_(tensor(file.ReadFinite(tensors.SourceOf(name)), parameter.shape));
        }

        return parameters.Count;
    }
}
