using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The weights of <see cref="InceptionV3"/> in a file of pytorch-fid's names.</summary>
internal sealed class InceptionWeights
{
    private const double NormEpsilon = 1e-3;
    private const int MostNamed = 10;

    /// <summary>The classifier: not used, but it tells FID's weights, which have 1,008 classes, from torchvision's, which have 1,000.</summary>
    private static readonly (string Name, long[] Shape)[] Classifier = [("fc.weight", [1008, InceptionV3.Features]), ("fc.bias", [1008])];

    private static readonly string[] NormTensors = ["weight", "bias", "running_mean", "running_var"];

    private readonly IWeightFile _file;
    private readonly List<(InceptionPart.Conv Conv, int Input)> _convolutions = [];

    /// <summary>Checks that a file's tensors are the network's, by name and shape.</summary>
    /// <param name="file">The file, open as long as this instance is used.</param>
    /// <exception cref="InvalidDataException">They are not; the message lists what is missing, of another shape and foreign.</exception>
    public InceptionWeights(IWeightFile file)
    {
        _file = file;
        InceptionFigure.Whole.Gather(RgbImage.Channels, _convolutions);

        List<string> missing = [], misshaped = [];
        var left = file.Entries.ToDictionary(entry => entry.Name, entry => entry.Shape, StringComparer.Ordinal);
        foreach (var (conv, input) in _convolutions)
        {
            Expect($"{conv.Name}.conv.weight", [conv.Output, input, conv.Height, conv.Width], isRequired: true);
            foreach (var tensor in NormTensors)
            {
                Expect($"{conv.Name}.bn.{tensor}", [conv.Output], isRequired: true);
            }

            left.Remove($"{conv.Name}.bn.num_batches_tracked"); // a count of training, in files of newer PyTorch versions
        }

        foreach (var (name, shape) in Classifier)
        {
            Expect(name, shape, isRequired: false);
        }

        var foreign = left.Keys.Order(StringComparer.Ordinal).Select(Quoted).ToList();
        string[] faults = [.. List("missing", missing), .. List("of another shape", misshaped), .. List("foreign", foreign)];
        if (faults.Length > 0)
        {
            throw new InvalidDataException(
                $"{file.Path}: these are not the weights of FID's InceptionV3 (pytorch-fid's pt_inception-2015-12-05; torchvision's are others and give other distances): {string.Join("; ", faults)}.");
        }

        void Expect(string name, long[] shape, bool isRequired)
        {
            if (!left.Remove(name, out var found))
            {
                if (isRequired)
                {
                    missing.Add(Quoted(name));
                }
            }
            else if (!found.SequenceEqual(shape))
            {
                misshaped.Add($"{Quoted(name)} is [{string.Join(", ", found)}] and should be [{string.Join(", ", shape)}]");
            }
        }
    }

    /// <summary>Reads the convolutions by name, each with its batch normalisation folded in. The caller owns the tensors, which belong to no scope.</summary>
    /// <exception cref="InvalidDataException">A tensor is not of floats, or not finite.</exception>
    public IReadOnlyDictionary<string, (Tensor Weight, Tensor Bias)> Load(Device device)
    {
        using var scope = NewDisposeScope(); // of what is read until a tensor turns out to be broken
        var layers = _convolutions.ToDictionary(layer => layer.Conv.Name, layer => Fold(layer.Conv, layer.Input, device));
        foreach (var (weight, bias) in layers.Values)
        {
            weight.DetachFromDisposeScope();
            bias.DetachFromDisposeScope();
        }

        return layers;
    }

    // gamma (w x - mean) / sqrt(variance + eps) + beta
    private (Tensor Weight, Tensor Bias) Fold(InceptionPart.Conv conv, int input, Device device)
    {
        var weight = _file.ReadFinite($"{conv.Name}.conv.weight");
        var (gamma, beta) = (_file.ReadFinite($"{conv.Name}.bn.weight"), _file.ReadFinite($"{conv.Name}.bn.bias"));
        var (mean, variance) = (_file.ReadFinite($"{conv.Name}.bn.running_mean"), _file.ReadFinite($"{conv.Name}.bn.running_var"));
        var bias = new float[conv.Output];
        var length = weight.Length / conv.Output;
        for (var channel = 0; channel < conv.Output; channel++)
        {
            var factor = gamma[channel] / Math.Sqrt(variance[channel] + NormEpsilon);
            if (!double.IsFinite(factor))
            {
                throw new InvalidDataException($"{_file.Path}: the tensor '{conv.Name}.bn.running_var' is {variance[channel]} at place {channel}; a variance is 0 or more: these weights are broken.");
            }

            foreach (ref var value in weight.AsSpan(channel * length, length))
            {
                value = (float)(value * factor);
            }

            bias[channel] = (float)(beta[channel] - (mean[channel] * factor));
        }

        return (tensor(weight, [conv.Output, input, conv.Height, conv.Width]).to(device), tensor(bias).to(device));
    }

    private static IEnumerable<string> List(string what, List<string> names) => names.Count == 0 ? []
        : [$"{names.Count} tensors are {what}: {string.Join(", ", names.Take(MostNamed))}{(names.Count > MostNamed ? $" and {names.Count - MostNamed} more" : "")}"];

    private static string Quoted(string name) => $"'{FaultText.Printable(name)}'";
}
