using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Measures what a network makes of held-out images: the posterior mean's reconstruction, clamped and rounded to 8 bits, image by image.</summary>
/// <remarks>
/// The same network gives the same numbers however often it is asked (on the CPU to the last bit). Neither libtorch's generator nor the network is changed and no tensor stays behind, so it may
/// run in the midst of a training.
/// </remarks>
internal sealed class Evaluator
{
    private readonly ImageFolder _images;
    private readonly int? _size;

    /// <summary>Takes the images.</summary>
    /// <param name="images">The held-out images.</param>
    /// <param name="size">Side of the centre crops, taken after an antialiased bicubic resize of the short side; null for each image at its own size.</param>
    public Evaluator(ImageFolder images, int? size) => (_images, _size) = (images, size);

    /// <summary>LPIPS or another distance on the device that the network is on, [N, 3, H, W] in [-1, 1] twice to [N]; null for none.</summary>
    public Func<Tensor, Tensor, Tensor>? Lpips { get; init; }

    /// <summary>Called after each image.</summary>
    public Action? OnImage { get; init; }

    /// <summary>Pictures that are kept, both of the samples and of the worst.</summary>
    public int Pictures { get; init; } = 6;

    /// <summary>Measures a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="device">Where it is.</param>
    /// <param name="cancellation">Stops between two images.</param>
    /// <exception cref="ArgumentException">The size is no multiple of the network's downsampling factor.</exception>
    /// <exception cref="InvalidDataException">No image can be read, or the network's output is not a number.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Evaluation Run(AutoencoderNetwork network, Device device, CancellationToken cancellation = default)
    {
        var architecture = network.Architecture;
        if (_size is { } size && size % architecture.DownsamplingFactor != 0)
        {
            throw new ArgumentException($"The evaluation's size is {size}; the network needs a multiple of {architecture.DownsamplingFactor}.");
        }

        var latents = new LatentDiagnostics(architecture.LatentChannels);
        var distance = Lpips is null ? null : new PairDistance(Lpips, device);
        List<ImageNumbers> numbers = [];
        List<ReconstructionPair> samples = [];
        var worst = new PriorityQueue<ReconstructionPair, (double Psnr, int Index)>(Comparer<(double Psnr, int Index)>.Create((a, b) => b.CompareTo(a))); // the best of the worst first

        for (var i = 0; i < _images.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_images.TryLoad(i) is not { } image)
            {
                continue;
            }

            // the pair
            image = _size is { } side ? BicubicResizer.Fit(image, side, side, ResizePolicy.CenterCrop) : image;
            var (posterior, reconstruction) = Reconstruct(network, device, image);

            // its numbers
            var pair = new ReconstructionPair(_images.KeyOf(i), image, reconstruction, ImageScore.Of(image, reconstruction), distance?.Of(image, reconstruction));
            latents.Add(posterior);
            numbers.Add(new ImageNumbers(pair.Key, image.Width, image.Height, pair.Score.Psnr, pair.Score.Ssim, pair.Lpips));

            // its pictures
            if (samples.Count < (long)(i + 1) * Pictures / _images.Count)
            {
                samples.Add(pair);
            }

            worst.Enqueue(pair, (pair.Score.Psnr ?? double.PositiveInfinity, i));
            if (worst.Count > Pictures)
            {
                worst.Dequeue();
            }

            OnImage?.Invoke();
        }

        return numbers.Count == 0
            ? throw new InvalidDataException($"None of the {_images.Count} images for the evaluation can be read; the first is {_images.KeyOf(0)}.")
            : new Evaluation(
                numbers, _images.Count - numbers.Count, numbers.Average(image => image.Psnr), numbers.Average(image => image.Ssim), numbers.Average(image => image.Lpips),
                latents.Report(), samples, [.. worst.UnorderedItems.OrderBy(item => item.Priority).Select(item => item.Element)]);
    }

    private static (Posterior Posterior, RgbImage Reconstruction) Reconstruct(AutoencoderNetwork network, Device device, RgbImage image)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var factor = network.Architecture.DownsamplingFactor;
        var pixels = new PixelTensor(1, PixelTensor.RoundUp(image.Height, factor), PixelTensor.RoundUp(image.Width, factor));
        pixels.Set(0, image);

        var moments = network.Encode(tensor(pixels.Data, [1, RgbImage.Channels, pixels.Height, pixels.Width], device: device));
        var (channels, height, width) = (network.Architecture.LatentChannels, (int)moments.shape[2], (int)moments.shape[3]);
        var output = network.Decode(moments.narrow(1, 0, channels));

        output.to(float32).cpu().contiguous().data<float>().CopyTo(pixels.Data);
        return (new Posterior(1, channels, height, width, moments.to(float32).cpu().contiguous().data<float>().ToArray()), pixels.ToRgb(0, image.Width, image.Height));
    }
}
