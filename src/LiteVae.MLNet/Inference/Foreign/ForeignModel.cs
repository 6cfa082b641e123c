using System.Collections.Concurrent;

namespace LiteVae;

/// <summary>
/// Finds out what the autoencoder of another program is, from its graphs: the channels from what they state where they do, and the rest from a run of each
/// on a small picture that is not square, on the CPU.
/// </summary>
internal static class ForeignModel
{
    // Every factor that divides 64 shows at the first run; 4 x 8 latents suit inner networks that halve twice more.
    private const int FirstHeight = 64;
    private const int FirstWidth = 128;
    private const int LatentHeight = 4;
    private const int LatentWidth = 8;

    // By the files' hashes: an estimator and its transformers all ask for the same model, and a run takes seconds at Stable Diffusion's size.
    private static readonly ConcurrentDictionary<(string Encoder, string? Decoder), (int LatentChannels, int Factor, EncoderOutput Output)> Known = new();

    // Stable Diffusion's takes a second on one core.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>The config that the model would have.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="scaling">What its own config says.</param>
    /// <param name="encoder">The encoder.</param>
    /// <param name="decoder">The decoder, or null where there is none.</param>
    /// <exception cref="InvalidDataException">This library cannot work with the model; the message says why.</exception>
    public static LiteVaeConfig Describe(string name, DiffusersConfig scaling, OnnxModelFile encoder, OnnxModelFile? decoder)
    {
        var (nz, factor, output) = Known.GetOrAdd((encoder.Sha256, decoder?.Sha256), _ => TryOut(encoder, decoder));
        return new LiteVaeConfig
        {
            Name = name,
            LatentChannels = nz,
            DownsamplingFactor = factor,
            EncoderOutput = output,
            ScalingFactor = scaling.ScalingFactor,
            ShiftFactor = scaling.ShiftFactor,
        }.Require(encoder.Path);
    }

    private static (int LatentChannels, int Factor, EncoderOutput Output) TryOut(OnnxModelFile encoder, OnnxModelFile? decoder)
    {
        var (_, encoded) = OnnxContract.Encoder(null).Require(encoder);
        var latents = decoder is null ? null : OnnxContract.Decoder(null).Require(decoder).Input.Channels;
        var (channels, factor) = RunEncoder(encoder);
        var (nz, output) = Split(encoder, channels, encoded.Name, latents);
        if (decoder is not null)
        {
            RunDecoder(decoder, nz, factor);
        }

        return (nz, factor, output);
    }

    private static (int Channels, int Factor) RunEncoder(OnnxModelFile encoder)
    {
        using var probe = new ModelProbe(encoder, Patience);
        var (channels, height, width) = probe.Run(3, FirstHeight, FirstWidth);
        var factor = (int)Math.Round((double)FirstHeight / height);
        if (height * factor == FirstHeight && width * factor == FirstWidth)
        {
            return (channels, factor);
        }

        var (imageHeight, imageWidth) = (LatentHeight * factor, LatentWidth * factor);
        return factor > 0 && probe.Run(3, imageHeight, imageWidth) is (var again, LatentHeight, LatentWidth) && again == channels
            ? (channels, factor)
            : throw new InvalidDataException(
                $"{encoder.Path}: the encoder makes {width} x {height} latents of an image of {FirstWidth} x {FirstHeight}: it does not shrink both sides by the same whole number, as an autoencoder here must.");
    }

    /// <summary>Moments or plain latents: the decoder's input decides where it states its channels, the name of the encoder's output where it does not.</summary>
    private static (int LatentChannels, EncoderOutput Output) Split(OnnxModelFile encoder, int channels, string outputName, int? latents)
    {
        if (latents is { } nz)
        {
            return channels == nz ? (nz, EncoderOutput.Latent)
                : channels == 2 * nz ? (nz, EncoderOutput.Moments)
                : throw new InvalidDataException(
                    $"{encoder.Path}: the encoder gives {channels} channels and the decoder takes {nz}; the encoder of this decoder gives {nz} (latents) or {2 * nz} (moments). They come from two models.");
        }

        if (outputName == ModelFolder.PlainEncoderOutput)
        {
            return (channels, EncoderOutput.Latent);
        }

        return channels % 2 == 0
            ? (channels / 2, EncoderOutput.Moments)
            : throw new InvalidDataException(
                $"{encoder.Path}: the output '{outputName}' has {channels} channels; moments are a mean and a log variance for each latent channel, an even number. Export the decoder with its channels stated, or name plain latents '{ModelFolder.PlainEncoderOutput}'.");
    }

    private static void RunDecoder(OnnxModelFile decoder, int nz, int factor)
    {
        using var probe = new ModelProbe(decoder, Patience);
        var image = probe.Run(nz, LatentHeight, LatentWidth);
        if (image != (3, LatentHeight * factor, LatentWidth * factor))
        {
            throw new InvalidDataException(
                $"{decoder.Path}: the decoder makes {image.Channels} channels of {image.Width} x {image.Height} of latents of {LatentWidth} x {LatentHeight}; the encoder shrinks by {factor}, so that it must make 3 of {LatentWidth * factor} x {LatentHeight * factor}. They come from two models.");
        }
    }
}
