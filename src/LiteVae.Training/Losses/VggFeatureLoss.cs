using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>
/// Mean absolute error between VGG features of image and reconstruction, taken before the activation (LiteVAE Table 14: better rFID, worse PSNR than LPIPS).
/// </summary>
/// <remarks>
/// LiteVAE follows ESRGAN (Wang et al. 2018) here; the layers are our choice. ESRGAN compares the last convolution alone (conv5_4 of VGG19), beside a small original that
/// gives an image's colours and coarse shapes; a decoder has none. So this is the form of its successor Real-ESRGAN (Wang et al. 2021): the last convolution of all five
/// blocks, weights 0.1, 0.1, 1, 1, 1. With VGG16 the same places: conv1_2, conv2_2, conv3_3, conv4_3, conv5_3.
/// Before the activation, because after it most deep features are 0 and tell nothing (ESRGAN section 3.3). Real-ESRGAN gives it the weight of an L1 loss of pixels in
/// [0, 1]; beside <see cref="ReconstructionLoss"/>, whose pixels span 2, that balance is a weight of 2.
/// </remarks>
internal sealed class VggFeatureLoss : IDisposable
{
    private static readonly double[] Weights = [0.1, 0.1, 1, 1, 1];

    private static readonly Dictionary<BackboneArchitecture, int[]> Taps = new()
    {
        [BackboneArchitecture.Vgg16] = [2, 7, 14, 21, 28],
        [BackboneArchitecture.Vgg19] = [2, 7, 16, 25, 34],
    };

    private readonly Backbone _backbone;

    private VggFeatureLoss(Backbone backbone) => _backbone = backbone;

    /// <summary>The least height and width of an image, in pixels.</summary>
    public int SmallestSide => _backbone.SmallestSide;

    /// <summary>Reads the weights; which VGG they are is told from the tensors' names. The caller disposes it.</summary>
    /// <param name="path">A weight file of torchvision's vgg16 or vgg19, under torchvision's tensor names; a classifier or heads of LPIPS in it are left alone.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="type">Type to compute in.</param>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    /// <exception cref="InvalidDataException">The file is broken, or a tensor missing, foreign, of another shape, or not finite; the message names file and tensor and says what is needed.</exception>
    /// <exception cref="DllNotFoundException">libtorch is not to be found.</exception>
    public static VggFeatureLoss Load(string path, Device device, ScalarType type = ScalarType.Float32)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(device);
        NativeTorch.EnsureLoaded();
        using var file = WeightFile.Open(path);
        var architecture = BackboneFile.Detect(file, [.. Taps.Keys], "The loss of VGG features");
        return new(Backbone.Load(file, architecture, Taps[architecture], device, type));
    }

    /// <summary>The loss, a scalar. Gradients go to the reconstruction only.</summary>
    /// <param name="image">Images [N, 3, H, W] in [-1, 1], H and W at least 16.</param>
    /// <param name="reconstruction">Images of the same shape.</param>
    /// <exception cref="ArgumentException">The images do not fit each other or the backbone; the message says why.</exception>
    public Tensor Compute(Tensor image, Tensor reconstruction)
    {
        _backbone.RequirePair(image, reconstruction);
        using var scope = NewDisposeScope();
        var targets = Targets(image);
        var features = _backbone.Features(reconstruction);
        return stack(targets.Select((target, l) => nn.functional.l1_loss(features[l], target).Times(Weights[l]))).sum().MoveToOuterDisposeScope();
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose() => _backbone.Dispose();

    private Tensor[] Targets(Tensor image)
    {
        using var noGradient = no_grad();
        return _backbone.Features(image);
    }
}
