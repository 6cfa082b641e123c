using LiteVae.Training;
using static TorchSharp.torch;

namespace LiteVae.Comparison.Peers;

/// <summary>The best linear code of some numbers for each 8 x 8 block: what an autoencoder with as many channels must beat.</summary>
internal sealed class LinearFloor : IPeer
{
    private readonly Tensor _mean;
    private readonly Tensor _basis;

    /// <summary>A code out of a basis, which it does not keep.</summary>
    /// <param name="basis">The basis.</param>
    /// <param name="channels">Numbers kept of a block, 1 to 192.</param>
    public LinearFloor(BlockBasis basis, int channels)
    {
        using var scope = NewDisposeScope();
        _mean = basis.Mean.clone().DetachFromDisposeScope();
        _basis = basis.Vectors.narrow(0, 0, channels).clone().DetachFromDisposeScope();
        var parameters = (channels + 1) * BlockBasis.Values; // either half has the mean and the basis
        Facts = new PeerFacts(PeerKind.Floor, $"linear floor, {channels} channels", channels, BlockBasis.Side, parameters, parameters, Licence: null);
    }

    /// <inheritdoc/>
    public PeerFacts Facts { get; }

    /// <inheritdoc/>
    public RgbImage Reconstruct(RgbImage image) => TensorImages.Reconstruct(image, BlockBasis.Side, Project);

    /// <inheritdoc/>
    public void Dispose()
    {
        _mean.Dispose();
        _basis.Dispose();
    }

    private Tensor Project(Tensor images)
    {
        long[] stride = [BlockBasis.Side, BlockBasis.Side];
        var mean = _mean.repeat(1, 1, images.shape[2] / BlockBasis.Side, images.shape[3] / BlockBasis.Side);
        var latent = nn.functional.conv2d(images - mean, _basis, strides: stride);           // [N, k, H/8, W/8]
        return nn.functional.conv_transpose2d(latent, _basis, strides: stride).Plus(mean);   // [N, 3, H, W]
    }
}
