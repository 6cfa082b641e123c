using System.Text;
using LiteVae.Tests;

namespace LiteVae.Training.Tests.Evaluation;

/// <summary>Weights and images for InceptionV3 by the formula of golden/make_inception.py, written to a file once for all tests.</summary>
public sealed class FormulaInception : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<string> _path;

    public FormulaInception() => _path = new Lazy<string>(() =>
    {
        SafetensorsWriter.Write(_folder.At("inception.safetensors"), Tensors());
        return _folder.At("inception.safetensors");
    });

    internal string Path => _path.Value;

    public void Dispose() => _folder.Dispose();

    /// <summary>The tensors under pytorch-fid's names.</summary>
    internal static List<SafetensorsTensor> Tensors()
    {
        List<(InceptionPart.Conv Conv, int Input)> convolutions = [];
        InceptionFigure.Whole.Gather(3, convolutions);
        List<SafetensorsTensor> tensors = [Tensor("fc.weight", 1, 0, 1008, 2048), Tensor("fc.bias", 1, 0, 1008)];
        foreach (var (conv, input) in convolutions)
        {
            tensors.Add(Tensor($"{conv.Name}.conv.weight", Math.Sqrt(6.0 / (input * conv.Height * conv.Width)), 0, conv.Output, input, conv.Height, conv.Width));
            tensors.Add(Tensor($"{conv.Name}.bn.weight", 0.5, 1, conv.Output));
            tensors.Add(Tensor($"{conv.Name}.bn.bias", 0.2, 0, conv.Output));
            tensors.Add(Tensor($"{conv.Name}.bn.running_mean", 0.2, 0, conv.Output));
            tensors.Add(Tensor($"{conv.Name}.bn.running_var", 0.5, 1, conv.Output));
            tensors.Add(new SafetensorsTensor($"{conv.Name}.bn.num_batches_tracked", SafetensorsType.I64, [], new byte[8]));
        }

        return tensors;
    }

    internal static RgbImage Image(int height, int width) =>
        new(width, height, [.. Noise($"image {height}x{width}", 3 * height * width).Select(bits => (byte)(bits >> 24))]);

    private static SafetensorsTensor Tensor(string name, double scale, double shift, params long[] shape) => SafetensorsTensor.FromFloats(
        name, shape, [.. Noise(name, (int)shape.Aggregate((a, b) => a * b)).Select(bits => (float)(shift + (scale * ((bits / 2147483648.0) - 1))))]);

    private static IEnumerable<uint> Noise(string name, int count)
    {
        var seed = 2166136261u;
        foreach (var letter in Encoding.UTF8.GetBytes(name))
        {
            seed = (seed ^ letter) * 16777619u;
        }

        for (var i = 0u; i < count; i++)
        {
            var x = i + seed;
            x = (x ^ (x >> 16)) * 0x7FEB352Du;
            x = (x ^ (x >> 15)) * 0x846CA68Bu;
            yield return x ^ (x >> 16);
        }
    }
}
