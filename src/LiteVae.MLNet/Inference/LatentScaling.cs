using System.Numerics.Tensors;

namespace LiteVae;

// The vocabulary, used everywhere in the code, the files and the docs:
//
//   image          [N, 3, H, W]      RGB, 0 to 255 as bytes, -1 to 1 as the model's input
//   moments        [N, 2 nz, h, w]   what the encoder emits: nz means, then nz log variances; h = H / f, w = W / f, f = 8 unless the config says otherwise
//   latent         [N, nz, h, w]     the posterior's mean, or a sample of it; unscaled, any range; what the decoder takes
//   scaled latent  [N, nz, h, w]     (latent - shift) * factor: about unit variance, what a diffusion model trains on
//
// Files hold moments or latents. Whatever is scaled says so in its name, and only LatentScaling goes between the two.

/// <summary>Goes between a latent and a scaled latent, (latent - shift) * factor.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed class LatentScaling
{
    private readonly float _factor;
    private readonly float _shift;

    /// <summary>A scaling with the given numbers.</summary>
    /// <param name="factor">The factor; finite and not 0 as a 32-bit float.</param>
    /// <param name="shift">The shift; finite as a 32-bit float.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not finite as a 32-bit float, or the factor is 0.</exception>
    public LatentScaling(double factor, double shift = 0)
    {
        if (!float.IsFinite((float)factor) || (float)factor == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "The scaling factor must be finite and not 0, also as a 32-bit float.");
        }

        if (!float.IsFinite((float)shift))
        {
            throw new ArgumentOutOfRangeException(nameof(shift), shift, "The shift must be finite, also as a 32-bit float.");
        }

        Factor = factor;
        Shift = shift;
        _factor = (float)factor;
        _shift = (float)shift;
    }

    /// <summary>The factor of (latent - shift) * factor.</summary>
    public double Factor { get; }

    /// <summary>The shift of (latent - shift) * factor.</summary>
    public double Shift { get; }

    /// <summary>The scaling that a model's config states.</summary>
    /// <param name="config">The config.</param>
    public static LatentScaling From(LiteVaeConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new LatentScaling(config.ScalingFactor, config.ShiftFactor);
    }

    /// <summary>latent -> scaled latent: (latent - shift) * factor. Both may be the same memory.</summary>
    /// <param name="latent">The latent, any number of values.</param>
    /// <param name="scaled">Receives the scaled latent; at least as long.</param>
    /// <exception cref="ArgumentException"><paramref name="scaled"/> is shorter than <paramref name="latent"/>.</exception>
    public void ToScaled(ReadOnlySpan<float> latent, Span<float> scaled)
    {
        TensorPrimitives.Subtract(latent, _shift, scaled);
        TensorPrimitives.Multiply(scaled[..latent.Length], _factor, scaled);
    }

    /// <summary>scaled latent -> latent: scaled / factor + shift. Both may be the same memory.</summary>
    /// <param name="scaled">The scaled latent, any number of values.</param>
    /// <param name="latent">Receives the latent; at least as long.</param>
    /// <exception cref="ArgumentException"><paramref name="latent"/> is shorter than <paramref name="scaled"/>.</exception>
    public void ToLatent(ReadOnlySpan<float> scaled, Span<float> latent)
    {
        TensorPrimitives.Divide(scaled, _factor, latent);
        TensorPrimitives.Add(latent[..scaled.Length], _shift, latent);
    }
}
