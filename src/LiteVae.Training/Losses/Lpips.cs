using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>
/// LPIPS v0.1 (Zhang et al. 2018): how different two images look, as the weighted distance of a classifier's features, each pixel's of unit length.
/// A loss, and the metric of the same name.
/// </summary>
/// <remarks>Values of different nets are not comparable: name the net with every number.</remarks>
internal sealed class Lpips : IDisposable
{
    private const double Epsilon = 1e-10; // LPIPS's own; under the root, so that features of 0 have a gradient

    private static readonly Net[] Nets =
    [
        new("vgg", BackboneArchitecture.Vgg16, [3, 8, 15, 22, 29]),
        new("alex", BackboneArchitecture.AlexNet, [1, 4, 7, 9, 11]),
        new("squeeze", BackboneArchitecture.SqueezeNet, [1, 4, 7, 9, 10, 11, 12]),
    ];

    private readonly Backbone _backbone;
    private readonly FrozenTensors _heads;
    private readonly IReadOnlyList<string> _headNames;

    private Lpips(string name, Backbone backbone, FrozenTensors heads, IReadOnlyList<string> headNames) =>
        (Name, _backbone, _heads, _headNames) = (name, backbone, heads, headNames);

    /// <summary>LPIPS's name of the backbone: <c>vgg</c>, <c>alex</c> or <c>squeeze</c>.</summary>
    public string Name { get; }

    /// <summary>Least side in pixels of an image that the backbone can look at.</summary>
    public int SmallestSide => _backbone.SmallestSide;

    /// <summary>Reads the weights; which backbone they are is told from the tensors' names. The caller disposes it.</summary>
    /// <param name="backbone">A weight file of torchvision's vgg16, alexnet or squeezenet1_1, under torchvision's tensor names; a classifier in it is left alone.</param>
    /// <param name="heads">
    /// The weight file of the heads, tensors <c>lin0.weight</c> and so on, [1, C, 1, 1], as they are, in LPIPS's own spelling <c>lin0.model.1.weight</c>, or behind the backbone's
    /// name (<c>vgg.lin0.weight</c>); null where they are in the backbone's file.
    /// </param>
    /// <param name="device">Where to compute.</param>
    /// <param name="type">Type to compute in.</param>
    /// <exception cref="FileNotFoundException">A file is not there.</exception>
    /// <exception cref="InvalidDataException">A file is broken, or a tensor missing, foreign, of another shape, or not finite; the message names file and tensor and says what is needed.</exception>
    /// <exception cref="DllNotFoundException">libtorch is not to be found.</exception>
    public static Lpips Load(string backbone, string? heads, Device device, ScalarType type = ScalarType.Float32)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(backbone);
        ArgumentNullException.ThrowIfNull(device);
        NativeTorch.EnsureLoaded();
        using var file = WeightFile.Open(backbone);
        var architecture = BackboneFile.Detect(file, [.. Nets.Select(each => each.Architecture)], "LPIPS");
        var net = Nets.Single(each => each.Architecture == architecture);
        using var headFile = heads is null ? null : WeightFile.Open(heads);
        var wanted = net.FindHeads(headFile ?? file, inOwnFile: headFile is not null);

        var headTensors = FrozenTensors.Read(headFile ?? file, wanted, $"LPIPS on {architecture.Name}", $"Use the heads of LPIPS v0.1 for '{net.Name}'.", device, type);
        try
        {
            return new(net.Name, Backbone.Load(file, architecture, net.Taps, device, type), headTensors, [.. wanted.Select(head => head.Name)]);
        }
        catch
        {
            headTensors.Dispose();
            throw;
        }
    }

    /// <summary>The distance of each pair of images, [N], with gradients to both where they ask for them; as a loss, its mean.</summary>
    /// <param name="a">Images [N, 3, H, W] in [-1, 1], as large as the backbone needs.</param>
    /// <param name="b">Images of the same shape.</param>
    /// <exception cref="ArgumentException">The images do not fit each other or the backbone; the message says why.</exception>
    public Tensor Distances(Tensor a, Tensor b)
    {
        using var layers = LayerDistances(a, b);
        return layers.sum(1);
    }

    /// <summary>What each of the L tapped layers adds to the distance, [N, L].</summary>
    internal Tensor LayerDistances(Tensor a, Tensor b)
    {
        _backbone.RequirePair(a, b);
        using var scope = NewDisposeScope();
        var (ofA, ofB) = (_backbone.Features(a), _backbone.Features(b));
        return stack(_headNames.Select((head, l) => Distance(ofA[l], ofB[l], _heads[head])), 1).MoveToOuterDisposeScope();
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        _backbone.Dispose();
        _heads.Dispose();
    }

    private static Tensor Distance(Tensor a, Tensor b, Tensor head)
    {
        using var scope = NewDisposeScope();
        var difference = (Unit(a) - Unit(b)).Squared();                                     // [N, C, h, w]
        return nn.functional.conv2d(difference, head).mean([1, 2, 3]).MoveToOuterDisposeScope();
    }

    private static Tensor Unit(Tensor features) => features / features.Squared().sum([1], keepdim: true).Plus(Epsilon * Epsilon).sqrt();

    /// <summary>A backbone that LPIPS has heads for.</summary>
    /// <param name="Name">LPIPS's name of it.</param>
    /// <param name="Architecture">Its layers.</param>
    /// <param name="Taps">The layers compared: ReLUs, or modules that end with one.</param>
    private sealed record Net(string Name, BackboneArchitecture Architecture, int[] Taps)
    {
        /// <summary>The heads' names in a file, whichever spelling it has, and their shapes.</summary>
        public List<(string Name, long[] Shape)> FindHeads(IWeightFile file, bool inOwnFile)
        {
            var names = file.Entries.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
            return [.. Taps.Select((tap, i) => (Find(i), new long[] { 1, Architecture.ChannelsAfter(tap), 1, 1 }))];

            string Find(int i)
            {
                string[] spellings = [$"lin{i}.weight", $"{Name}.lin{i}.weight", $"lin{i}.model.1.weight"];
                return Array.Find(spellings, names.Contains) ?? throw new InvalidDataException(
                    $"{file.Path}: LPIPS on {Architecture.Name} needs {Taps.Length} heads, but there is no '{string.Join("', '", spellings[..^1])}' or '{spellings[^1]}'. "
                    + (inOwnFile ? $"Name a file with the heads of LPIPS v0.1 for '{Name}'." : "Name the file that holds the heads of LPIPS v0.1 beside the backbone's, for example lpips_heads_v0.1.safetensors."));
            }
        }
    }
}
