using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>A classifier's convolutional part with its published weights, frozen: gradients pass through it to the image and no further.</summary>
internal sealed class Backbone : IDisposable
{
    // ImageNet's mean (0.485, 0.456, 0.406) and deviation (0.229, 0.224, 0.225) of [0, 1], told in [-1, 1]; also the constants of LPIPS.
    private static readonly float[] Mean = [-0.030f, -0.088f, -0.188f];
    private static readonly float[] Deviation = [0.458f, 0.448f, 0.450f];

    private readonly BackboneArchitecture _architecture;
    private readonly int[] _taps;
    private readonly FrozenTensors _weights;
    private readonly Tensor _mean;
    private readonly Tensor _deviation;

    private Backbone(BackboneArchitecture architecture, int[] taps, FrozenTensors weights, Device device, ScalarType type)
    {
        (_architecture, _taps, _weights) = (architecture, taps, weights);
        SmallestSide = architecture.SmallestSide(taps[^1]);
        _mean = tensor(Mean, [1, 3, 1, 1], dtype: type, device: device).DetachFromDisposeScope();
        _deviation = tensor(Deviation, [1, 3, 1, 1], dtype: type, device: device).DetachFromDisposeScope();
    }

    /// <summary>Least side of an image in pixels.</summary>
    public int SmallestSide { get; }

    /// <summary>Reads the weights.</summary>
    /// <param name="file">The file.</param>
    /// <param name="architecture">What it was found to hold.</param>
    /// <param name="taps">The layers of which <see cref="Features"/> gives what leaves them, ascending.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="type">Type to compute in.</param>
    /// <exception cref="InvalidDataException">A tensor is of another shape, no floats, or not finite.</exception>
    public static Backbone Load(IWeightFile file, BackboneArchitecture architecture, int[] taps, Device device, ScalarType type)
    {
        var wayOut = $"Use the weights of torchvision's {architecture.Model}.";
        return new(architecture, taps, FrozenTensors.Read(file, [.. architecture.Tensors], architecture.Name, wayOut, device, type), device, type);
    }

    /// <summary>Refuses what cannot be compared.</summary>
    /// <exception cref="ArgumentException">The images are not two batches [N, 3, H, W] of floats of one shape, on the weights' device and large enough; the message says which.</exception>
    public void RequirePair(Tensor first, Tensor second)
    {
        if (!first.shape.SequenceEqual(second.shape))
        {
            throw new ArgumentException($"Images of one shape can be compared, not [{string.Join(", ", first.shape)}] with [{string.Join(", ", second.shape)}].");
        }

        foreach (var images in new[] { first, second })
        {
            if (images.dim() != 4 || images.shape[1] != 3 || !images.is_floating_point())
            {
                throw new ArgumentException($"{_architecture.Name} needs floats [N, 3, H, W] in [-1, 1]; got {images.dtype} [{string.Join(", ", images.shape)}].");
            }

            if (images.device.ToString() != _mean.device.ToString())
            {
                throw new ArgumentException($"The images are on {images.device} and the weights of {_architecture.Name} on {_mean.device}: move one to the other.");
            }
        }

        var (height, width) = (first.shape[2], first.shape[3]);
        if (Math.Min(height, width) < SmallestSide)
        {
            throw new ArgumentException($"Images of {width} x {height} are too small for {_architecture.Name}, which needs {SmallestSide} x {SmallestSide} or more: use larger images or crops.");
        }
    }

    /// <summary>Images [N, 3, H, W] in [-1, 1], normalised as ImageNet's, to what leaves each tapped layer, [N, C, h, w]; the caller's dispose scope gets them.</summary>
    public Tensor[] Features(Tensor images)
    {
        using var scope = NewDisposeScope();
        var features = new List<Tensor>(_taps.Length);
        var x = (images.to(_mean.dtype) - _mean) / _deviation;
        for (var i = 0; i <= _taps[^1]; i++)
        {
            using var inner = NewDisposeScope();
            var before = x;
            x = _architecture.Layers[i].Apply(x, BackboneArchitecture.NameOf(i), _weights).MoveToOuterDisposeScope();
            if (!features.Contains(before))
            {
                before.Dispose(); // where no gradient keeps it, its memory is free for the next layer
            }

            if (_taps.Contains(i))
            {
                features.Add(x);
            }
        }

        return [.. features.Select(tap => tap.MoveToOuterDisposeScope())];
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        _weights.Dispose();
        _mean.Dispose();
        _deviation.Dispose();
    }
}
