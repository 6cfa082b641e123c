using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>FID's InceptionV3: images to 2,048 features. The figure is <see cref="InceptionFigure"/>; every batch normalisation is folded into its convolution.</summary>
/// <remarks>Draws nothing from libtorch's generator. Not trained, hence no <c>nn.Module</c>.</remarks>
internal sealed class InceptionV3 : IDisposable
{
    /// <summary>Features of an image: the means of the last block's channels.</summary>
    public const int Features = 2048;

    private const int Side = 299;

    private readonly IReadOnlyDictionary<string, (Tensor Weight, Tensor Bias)> _layers;
    private readonly Device _device;

    private InceptionV3(IReadOnlyDictionary<string, (Tensor Weight, Tensor Bias)> layers, Device device) => (_layers, _device) = (layers, device);

    /// <summary>Loads weights.</summary>
    /// <param name="path">A safetensors file (or one of PyTorch's own) with the tensors of pytorch-fid's <c>pt_inception-2015-12-05</c>, under their names.</param>
    /// <param name="device">Where it is to run.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A tensor is missing, of another shape, foreign or not finite; the message names file and tensor.</exception>
    public static InceptionV3 Load(string path, Device device)
    {
        NativeTorch.EnsureLoaded();
        using var file = WeightFile.Open(path);
        return new InceptionV3(new InceptionWeights(file).Load(device), device);
    }

    /// <summary>Images [N, 3, H, W] in [-1, 1], of any size, on any device, to features [N, 2048].</summary>
    /// <remarks>They are brought to 299 x 299 bilinearly and without antialiasing, as pytorch-fid does.</remarks>
    public Tensor Run(Tensor images)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();

        // Scaled to [-1, 1] before or after: interpolation is linear.
        var x = nn.functional.interpolate(images.to(_device), size: [Side, Side], mode: InterpolationMode.Bilinear, align_corners: false);
        return Run(InceptionFigure.Whole, x).mean([2, 3]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (weight, bias) in _layers.Values)
        {
            weight.Dispose();
            bias.Dispose();
        }
    }

    private Tensor Run(InceptionPart part, Tensor x)
    {
        using var scope = NewDisposeScope();
        var y = part switch
        {
            InceptionPart.Conv conv => Convolve(conv, x),
            InceptionPart.MaximumPool pool => nn.functional.max_pool2d(x, [3, 3], [pool.Stride, pool.Stride], pool.Stride == 1 ? [1, 1] : [0, 0]),
            InceptionPart.MeanPool => nn.functional.avg_pool2d(x, [3, 3], [1, 1], [1, 1], count_include_pad: false),
            InceptionPart.Chain chain => chain.Parts.Aggregate(x, (value, next) => Run(next, value)),
            InceptionPart.Concat concat => cat([.. concat.Branches.Select(branch => Run(branch, x))], 1),
            _ => throw new ArgumentOutOfRangeException(nameof(part), part, "Not a part of InceptionV3."),
        };
        return y.MoveToOuterDisposeScope();
    }

    private Tensor Convolve(InceptionPart.Conv conv, Tensor x)
    {
        var (weight, bias) = _layers[conv.Name];
        long[] padding = conv.IsPadded ? [conv.Height / 2, conv.Width / 2] : [0, 0];
        return nn.functional.relu(nn.functional.conv2d(x, weight, bias, strides: [conv.Stride, conv.Stride], padding: padding));
    }
}
