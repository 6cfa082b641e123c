using System.Text;
using LiteVae.Tests;
using LiteVae.Tests.Shared;
using LiteVae.Training.Tests.Losses;
using static TorchSharp.torch;

[assembly: AssemblyFixture(typeof(FormulaWeights))]

namespace LiteVae.Training.Tests.Losses;

/// <summary>Weights and images of the backbones, made by the formula of golden/perceptual/make.py, and what PyTorch made of them.</summary>
public sealed class FormulaWeights : IDisposable
{
    private static readonly string Folder = Path.Combine(SharedData.Repository, "tests", "LiteVae.Training.Tests", "Losses", "golden", "perceptual");
    private static readonly long[] ImageShape = [2, 3, 33, 36];

    private readonly TemporaryFolder _folder = new();
    private readonly Lock _writing = new();

    /// <summary>Names and shapes of torchvision's tensors.</summary>
    public static List<(string Name, long[] Shape)> Names(string model) =>
    [
        .. from line in File.ReadLines(Path.Combine(Folder, "names.csv"))
           let parts = line.Split(',')
           where parts[0] == model
           select (parts[1], parts[2].Split('x').Select(long.Parse).ToArray()),
    ];

    /// <summary>The heads of LPIPS for channels as many as given.</summary>
    public static IEnumerable<SafetensorsTensor> Heads(string prefix, params int[] channels) =>
        channels.Select((count, i) => Tensor($"lin{i}.weight", [1, count, 1, 1]) with { Name = $"{prefix}lin{i}.weight" });

    /// <summary>A batch of two images [2, 3, 33, 36].</summary>
    public static Tensor Image(string name) => tensor(Values(name, ImageShape), ImageShape);

    /// <summary>What PyTorch gave.</summary>
    public static Tensor Expected(string name) => Golden.Read(Path.Combine(Folder, "expected.safetensors"), name);

    /// <summary>A model's tensors.</summary>
    public static List<SafetensorsTensor> Tensors(string model) => [.. Names(model).Select(tensor => Tensor(tensor.Name, tensor.Shape))];

    /// <summary>The file of a model's tensors, with a classifier that is to be ignored.</summary>
    public string FileOf(string model)
    {
        lock (_writing)
        {
            var path = _folder.At($"{model}.safetensors");
            if (!File.Exists(path))
            {
                SafetensorsWriter.Write(path, [.. Tensors(model), SafetensorsTensor.FromFloats("classifier.1.weight", [1], [float.NaN])]);
            }

            return path;
        }
    }

    public void Dispose() => _folder.Dispose();

    private static SafetensorsTensor Tensor(string name, long[] shape) => SafetensorsTensor.FromFloats(name, shape, Values(name, shape));

    private static float[] Values(string name, long[] shape)
    {
        var scale = shape.Length == 4 ? Math.Sqrt(6.0 / (shape[1] * shape[2] * shape[3])) : 0.1;
        Func<double, double> map = name.StartsWith("image", StringComparison.Ordinal) ? value => value * 0.9
            : name.StartsWith("lin", StringComparison.Ordinal) ? value => (value + 1) / 2
            : value => value * scale;
        var seed = Encoding.ASCII.GetBytes(name).Aggregate(2166136261u, (hash, letter) => (hash ^ letter) * 16777619u);
        var values = new float[shape.Aggregate(1L, (product, side) => product * side)];
        for (var i = 0; i < values.Length; i++)
        {
            var h = seed + ((uint)i * 2654435761u);
            h = (h ^ (h >> 16)) * 0x85EBCA6Bu;
            h = (h ^ (h >> 13)) * 0xC2B2AE35u;
            h ^= h >> 16;
            values[i] = (float)map(((h >> 8) / 8388608.0) - 1);
        }

        return values;
    }
}
