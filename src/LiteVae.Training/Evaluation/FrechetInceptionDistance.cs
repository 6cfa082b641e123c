using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>FID (Heusel et al. 2017) of reconstructions from their images, as pytorch-fid has it: the Fréchet distance of InceptionV3's 2,048 pool features.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class FrechetInceptionDistance : IDisposable
{
    /// <summary>
    /// Fewest images. A covariance of 2,048 features out of fewer images is singular by construction, and what it lacks counts as distance: the value then says more of the
    /// number of images than of the reconstructions. It stays biased upwards above it: compare values of the same number of images only.
    /// </summary>
    public const int MinimumImages = InceptionV3.Features;

    private readonly InceptionV3 _network;
    private readonly FeatureStatistics _images = new(InceptionV3.Features);
    private readonly FeatureStatistics _reconstructions = new(InceptionV3.Features);

    private FrechetInceptionDistance(InceptionV3 network) => _network = network;

    /// <summary>Pairs added.</summary>
    public long Count => _images.Count;

    /// <summary>Loads the network.</summary>
    /// <param name="path">pytorch-fid's weights, <c>pt_inception-2015-12-05</c>, as safetensors.</param>
    /// <param name="device">Where it runs, such as <c>cpu</c> or <c>cuda:0</c>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is broken or holds another network.</exception>
    /// <exception cref="InvalidOperationException">The device is not there.</exception>
    public static FrechetInceptionDistance Load(string path, string device) => new(InceptionV3.Load(path, LiteVaeTrainer.FindDevice(device)));

    /// <summary>Refuses to begin with too few images.</summary>
    /// <exception cref="ArgumentException">They are fewer than <see cref="MinimumImages"/>.</exception>
    public static void RequireEnough(long images)
    {
        if (images < MinimumImages)
        {
            throw new ArgumentException(
                $"rFID needs {MinimumImages} images or more, and there are {images}: the covariance of {InceptionV3.Features} features out of fewer images is singular, and the value would tell how many images there are. Name more images, or leave rFID out.");
        }
    }

    /// <summary>Adds an image and its reconstruction.</summary>
    public void Add(RgbImage image, RgbImage reconstruction)
    {
        using var scope = NewDisposeScope();
        _images.Add(Features(image));
        _reconstructions.Add(Features(reconstruction));
    }

    /// <summary>The distance over all pairs.</summary>
    /// <exception cref="ArgumentException">There are fewer than <see cref="MinimumImages"/>.</exception>
    public double Compute()
    {
        RequireEnough(Count);
        return FrechetDistance.Between(_images, _reconstructions);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _network.Dispose();
        _images.Dispose();
        _reconstructions.Dispose();
    }

    private Tensor Features(RgbImage image)
    {
        var pixels = new PixelTensor(1, image.Height, image.Width);
        pixels.Set(0, image);
        return _network.Run(tensor(pixels.Data, [1, RgbImage.Channels, image.Height, image.Width]));
    }
}
