using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>A distance of tensors, such as LPIPS, as one of pictures.</summary>
/// <param name="distances">[N, 3, H, W] in [-1, 1], twice, to [N].</param>
/// <param name="device">Where the tensors are made.</param>
internal sealed class PairDistance(Func<Tensor, Tensor, Tensor> distances, Device device)
{
    /// <summary>The distance of two pictures of the same size.</summary>
    public double Of(RgbImage a, RgbImage b)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        return distances(ToTensor(a), ToTensor(b)).to(float64).cpu().item<double>();
    }

    private Tensor ToTensor(RgbImage image)
    {
        var pixels = new PixelTensor(1, image.Height, image.Width);
        pixels.Set(0, image);
        return tensor(pixels.Data, [1, RgbImage.Channels, image.Height, image.Width], device: device);
    }
}
