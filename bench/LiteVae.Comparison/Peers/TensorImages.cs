using static TorchSharp.torch;

namespace LiteVae.Comparison.Peers;

/// <summary>Takes images through what works on tensors.</summary>
internal static class TensorImages
{
    /// <summary>Does to an image what <see cref="LiteVaeModel.Reconstruct(RgbImage)"/> does, with the same padding and rounding.</summary>
    /// <param name="image">The image.</param>
    /// <param name="factor">What the network's input must be a multiple of along each side.</param>
    /// <param name="network">[1, 3, H, W] in [-1, 1] to the same.</param>
    public static RgbImage Reconstruct(RgbImage image, int factor, Func<Tensor, Tensor> network)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var pixels = new PixelTensor(1, PixelTensor.RoundUp(image.Height, factor), PixelTensor.RoundUp(image.Width, factor));
        pixels.Set(0, image);
        var output = network(tensor(pixels.Data, [1, RgbImage.Channels, pixels.Height, pixels.Width]));
        output.contiguous().data<float>().CopyTo(pixels.Data);
        return pixels.ToRgb(0, image.Width, image.Height);
    }
}
