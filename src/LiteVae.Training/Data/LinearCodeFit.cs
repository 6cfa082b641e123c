using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Fits a linear code to images: the Karhunen-Loeve basis of their blocks of 8 x 8 pixels, and the least-squares guess of a block from its own and its eight neighbours' codes.</summary>
/// <remarks>A function of the images and the seed alone.</remarks>
internal static class LinearCodeFit
{
    private const int Windows = 2000;
    private const int AtOnce = 100;
    private const int Side = 16 * LinearCode.Block; // of a window, in pixels
    private const int Values = 3 * LinearCode.Block * LinearCode.Block;
    private const double LeastVariance = 1e-6; // of a code before it is brought to 1: less is noise, as in images of one colour

    /// <summary>Fits, and puts the code into networks of one architecture.</summary>
    /// <param name="images">The training images.</param>
    /// <param name="seed">Which windows of them.</param>
    /// <param name="networks">The networks, which have a linear code.</param>
    public static void Fit(ImageFolder images, long seed, params ReadOnlySpan<LiteVaeNetwork> networks)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var windows = Read(images, seed);
        var channels = networks[0].Architecture.LatentChannels;
        var (basis, offset) = Analyse(windows, channels);
        var (guess, colours) = Synthesise(windows, basis, offset);
        foreach (var network in networks)
        {
            network.encoder.linear!.weight.copy_(basis.view(channels, 3, LinearCode.Block, LinearCode.Block));
            network.encoder.linear.bias!.copy_(offset);
            network.decoder.linear!.weight.copy_(guess);
            network.decoder.linear.bias!.copy_(colours);
        }
    }

    /// <summary>Squares out of the images, each mirrored half of the time: [N, 3, Side, Side], in [-1, 1].</summary>
    private static Tensor Read(ImageFolder images, long seed)
    {
        var sampler = new CropSampler(images, new CounterRandom((ulong)seed, 0x11EA).NextBits());
        var stage = new TrainingStage { Resolution = Side, Crop = CropKind.Plain };
        var windows = empty(Windows, 3, Side, Side); // 400 MB, so that no second copy of all is held
        var pixels = new PixelTensor(AtOnce, Side, Side);
        for (var first = 0; first < Windows; first += AtOnce)
        {
            using var scope = NewDisposeScope();
            Parallel.For(0, AtOnce, i => sampler.Write(first + i, stage, pixels, i));
            windows.narrow(0, first, AtOnce).copy_(tensor(pixels.Data, [AtOnce, 3, Side, Side]));
        }

        return windows;
    }

    /// <summary>The basis [nz, 192], each code of variance 1, and what is added to the codes, [nz], so that their mean is 0.</summary>
    private static (Tensor Basis, Tensor Offset) Analyse(Tensor windows, int channels)
    {
        var (count, sum, products) = (0L, zeros(Values, float64), zeros([Values, Values], float64));
        using var one = 1.0.ToScalar();
        foreach (var part in windows.split(AtOnce))
        {
            using var scope = NewDisposeScope();
            var blocks = Blocks(part).permute(0, 2, 3, 1).reshape(-1, Values).to(float64);
            count += blocks.shape[0];
            sum.add_(blocks.sum(0), one);
            products.add_(blocks.t().mm(blocks), one);
        }

        var mean = sum.Times(1.0 / count);
        var covariance = products.Times(1.0 / count).Plus(outer(mean, mean).neg());
        var (variances, directions) = linalg.eigh(covariance); // rising
        var first = variances.flip(0).narrow(0, 0, channels);
        var axes = directions.flip(1).narrow(1, 0, channels).t();

        // a direction and its opposite are equally good: the one whose largest value is positive
        var largest = axes.gather(1, axes.abs().argmax(1, keepdim: true));
        using var least = LeastVariance.ToScalar();
        var basis = axes.mul(largest.sign()).div(first.clamp_min(least).sqrt().unsqueeze(1));
        return (basis.to(float32), basis.mv(mean).neg().to(float32));
    }

    /// <summary>The weight [nz, 3, 24, 24] and bias [3] of the transposed convolution.</summary>
    private static (Tensor Guess, Tensor Colours) Synthesise(Tensor windows, Tensor basis, Tensor offset)
    {
        const int block = LinearCode.Block;
        var channels = (int)basis.shape[0];
        var known = 9 * channels;
        var colours = windows.mean([0, 2, 3]);
        var (products, targets) = (zeros([known, known], float64), zeros([known, Values], float64));
        using var one = 1.0.ToScalar();
        var kernel = basis.view(channels, 3, block, block);
        foreach (var part in windows.split(AtOnce))
        {
            using var scope = NewDisposeScope();
            var codes = nn.functional.conv2d(part, kernel, offset, strides: [block, block]);

            // blocks that have all neighbours: [N, 9 nz, h - 2, w - 2]
            var around = nn.functional.unfold(codes, 3).transpose(1, 2).reshape(-1, known).to(float64);
            var inner = Blocks(part.Plus(colours.view(1, 3, 1, 1).neg()));
            inner = inner.narrow(2, 1, inner.shape[2] - 2).narrow(3, 1, inner.shape[3] - 2).permute(0, 2, 3, 1).reshape(-1, Values).to(float64);
            products.add_(around.t().mm(around), one);
            targets.add_(around.t().mm(inner), one);
        }

        // a little more on the diagonal, for codes that never change
        var ridge = eye(known, dtype: float64).Times(1e-9 * windows.shape[0]);
        var solved = linalg.solve(products.Plus(ridge), targets).view(channels, 3, 3, 3, block, block); // [code][row and column of the neighbour][colour][pixel]

        // The neighbour below writes into the block above it: rows and columns of neighbours turn around.
        var turned = solved.flip(1, 2).permute(0, 3, 1, 4, 2, 5).reshape(channels, 3, 3 * block, 3 * block);
        return (turned.to(float32), colours);
    }

    /// <summary>[N, 3, H, W] to [N, 192, H/8, W/8].</summary>
    private static Tensor Blocks(Tensor images) => nn.functional.pixel_unshuffle(images, LinearCode.Block);
}
