using System.Diagnostics;

namespace LiteVae;

/// <summary>A model that runs: images to latents and back, on ONNX Runtime.</summary>
/// <remarks>
/// Thread-safe: one instance serves any number of threads. The encoder and the decoder are loaded at their first use, so who only
/// encodes never loads a decoder. Disposing under a running call lets that call finish; later calls throw <see cref="ObjectDisposedException"/>.
/// </remarks>
public sealed class LiteVaeModel : IDisposable
{
    private readonly IModelSource _source;
    private readonly SharedSession _encoder;
    private readonly SharedSession _decoder;
    private string? _encoderSha256;
    private string? _decoderSha256;

    /// <summary>A model out of a source; the options are checked already.</summary>
    internal LiteVaeModel(IModelSource source, LiteVaeModelOptions options)
    {
        var device = DeviceSelection.Parse(options.Device);
        options.RequireTileOf(source.Config);
        _source = source;
        TileSize = options.TileSize;
        _encoder = Session("encoder", ReadEncoder, Locality.OfEncoder);
        _decoder = Session("decoder", ReadDecoder, Locality.OfDecoder);

        SharedSession Session(string part, Func<OnnxModelFile> read, Func<OnnxModelFile, int, Locality?> locality)
        {
            var name = $"{source.Path} ({part})";
            var profile = options.ProfilePrefix is { } prefix ? $"{prefix}-{part}" : null;
            return new SharedSession(name, () =>
            {
                var file = read();
                var factor = source.Config.DownsamplingFactor;
                var tiling = options.TileSize is { } size ? Tiling.Of(size, locality(file, factor), factor, name) : null;
                return (device.CreateSession(file.WithoutNoise(), name, options.Threads, profile), AttentionLimit.Of(file, device), tiling);
            });
        }
    }

    /// <summary>What the model is.</summary>
    public LiteVaeConfig Config => _source.Config;

    /// <summary>The model's folder, as a full path.</summary>
    public string Folder => _source.Path;

    /// <summary>SHA-256 of the encoder's ONNX file in lower-case hexadecimal: latents with the same value come from the same encoder.</summary>
    /// <remarks>It is the hash of the bytes that this instance runs, also where the file is replaced later.</remarks>
    /// <exception cref="FileNotFoundException">The model has no encoder.</exception>
    /// <exception cref="InvalidDataException">The encoder's file is broken, or does not fit the config.</exception>
    public string EncoderSha256 => Volatile.Read(ref _encoderSha256) ?? ReadEncoder().Sha256;

    /// <summary>Longest side of what goes through the model at once, or null.</summary>
    internal int? TileSize { get; }

    /// <summary>Runs of the encoder so far.</summary>
    internal long EncoderRuns => _encoder.Runs;

    /// <summary>Runs of the decoder so far.</summary>
    internal long DecoderRuns => _decoder.Runs;

    /// <summary>Whether a session is held, by this model or by somebody's lease.</summary>
    internal bool IsAlive => _encoder.IsAlive || _decoder.IsAlive;

    /// <summary>Finds a model and reads its config.</summary>
    /// <remarks>The graphs of a model of another program, which has no config of this library's, are read and run once on a small picture to find out what it is.</remarks>
    /// <param name="model">A model folder (this library's, or as Optimum exports one), the name of a model that ships with the library, or null for the default model.</param>
    /// <param name="options">How to run it, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is wrong.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such model; the message lists those that ship.</exception>
    /// <exception cref="FileNotFoundException">The folder holds no model.</exception>
    /// <exception cref="InvalidDataException">The config is wrong, a file lies outside the folder, or another program's model is none this library can work with.</exception>
    public static LiteVaeModel Load(string? model = null, LiteVaeModelOptions? options = null)
    {
        options ??= new LiteVaeModelOptions();
        options.Validate();
        return new LiteVaeModel(ModelFolder.Open(model), options);
    }

    /// <summary>images [N, 3, H, W] -> moments [N, 2 nz, H / f, W / f], with the model's downsampling factor f.</summary>
    /// <param name="images">The images; H and W multiples of f. Those larger than <see cref="LiteVaeModelOptions.TileSize"/> go through the model in tiles.</param>
    /// <exception cref="ArgumentException">H or W is not such a multiple, or the tiles are too small for the encoder.</exception>
    /// <exception cref="InvalidDataException">The encoder's file is broken, or does not fit the config, or it emits NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">
    /// The device cannot be used, the model has attention, which would need more than half of the memory for this size on the CPU, or ONNX Runtime failed.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public Posterior Encode(PixelTensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var encoder = AcquireEncoder();
        return Encode(encoder, images);
    }

    /// <summary>latents [N, nz, h, w], unscaled -> images [N, 3, f h, f w], with the model's downsampling factor f.</summary>
    /// <param name="latents">The latents' values. A scaled latent goes through <see cref="LatentScaling.ToLatent"/> first.</param>
    /// <param name="count">Latents, N; 1 or more.</param>
    /// <param name="height">Height of a latent, h; 1 or more.</param>
    /// <param name="width">Width of a latent, w; 1 or more.</param>
    /// <exception cref="ArgumentException">The number of values is not N * nz * h * w, a size is not positive, or the tiles are too small for the decoder.</exception>
    /// <exception cref="InvalidDataException">The decoder's file is broken, or does not fit the config.</exception>
    /// <exception cref="InvalidOperationException">
    /// The device cannot be used, the model has attention, which would need more than half of the memory for this size on the CPU, or ONNX Runtime failed.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public PixelTensor Decode(ReadOnlySpan<float> latents, int count, int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        var wanted = (long)count * Config.LatentChannels * height * width;
        if (latents.Length != wanted)
        {
            throw new ArgumentException(
                $"There are {latents.Length} latent values; the shape [{count}, {Config.LatentChannels}, {height}, {width}] needs {wanted}.", nameof(latents));
        }

        using var decoder = AcquireDecoder();
        return Decode(decoder, latents, count, height, width);
    }

    /// <summary>image -> posterior mean -> image, at the image's own size: padded at the right and the bottom by repeating the edge, then cut back.</summary>
    /// <param name="image">The image, of any size.</param>
    /// <exception cref="ArgumentException">The tiles are too small for the model.</exception>
    /// <exception cref="InvalidDataException">A file of the model is broken, or does not fit the config.</exception>
    /// <exception cref="InvalidOperationException">
    /// The device cannot be used, the model has attention, which would need more than half of the memory for this size on the CPU, or ONNX Runtime failed.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public RgbImage Reconstruct(RgbImage image) => Reconstruct(image, out _);

    /// <summary><see cref="Reconstruct(RgbImage)"/>, with the posterior that it went through: of the padded image.</summary>
    internal RgbImage Reconstruct(RgbImage image, out Posterior posterior)
    {
        ArgumentNullException.ThrowIfNull(image);
        var factor = Config.DownsamplingFactor;
        var padded = new PixelTensor(1, PixelTensor.RoundUp(image.Height, factor), PixelTensor.RoundUp(image.Width, factor));
        padded.Set(0, image);
        posterior = Encode(padded);
        return DecodeMean(posterior, image.Width, image.Height);
    }

    /// <summary>The image that the mean of a posterior [1, 2 nz, h, w] stands for.</summary>
    /// <param name="posterior">The posterior.</param>
    /// <param name="width">Width of the image, up to f w: what is beyond it was padding.</param>
    /// <param name="height">Height of the image, up to f h.</param>
    internal RgbImage DecodeMean(Posterior posterior, int width, int height) =>
        Decode(posterior.Mean(0), 1, posterior.Height, posterior.Width).ToRgb(0, width, height);

    /// <summary>Refuses new calls; the sessions go when the last call and the last cursor are done.</summary>
    public void Dispose()
    {
        _encoder.Dispose();
        _decoder.Dispose();
    }

    /// <summary>The right to run the encoder, also after this model is disposed. The caller disposes it.</summary>
    internal SessionLease AcquireEncoder() => _encoder.Acquire();

    /// <summary>The right to run the decoder, also after this model is disposed. The caller disposes it.</summary>
    internal SessionLease AcquireDecoder() => _decoder.Acquire();

    /// <summary>The encoder's file, of the bytes that <see cref="EncoderSha256"/> is the hash of: it may be asked for before the session is made.</summary>
    internal OnnxModelFile ReadEncoder() => Unchanged(_source.ReadEncoder(), ref _encoderSha256, "encoder");

    /// <summary>The decoder's file, of the bytes that it was first read of.</summary>
    internal OnnxModelFile ReadDecoder() => Unchanged(_source.ReadDecoder(), ref _decoderSha256, "decoder");

    /// <summary><see cref="Encode(PixelTensor)"/> under a lease.</summary>
    internal Posterior Encode(SessionLease encoder, PixelTensor images)
    {
        var posterior = EncodeAsIs(encoder, images);
        RequireFinite(posterior);
        return posterior;
    }

    /// <summary><see cref="Encode(PixelTensor)"/> under a lease, whatever the encoder emits: where one image overflows, the others of its batch are still good.</summary>
    internal Posterior EncodeAsIs(SessionLease encoder, PixelTensor images)
    {
        var started = Stopwatch.GetTimestamp();
        var posterior = RunEncoder(encoder, images);
        ModelMetrics.Encoded(Config.Name, images.Count, started);
        return posterior;
    }

    /// <summary>Runs the encoder on a picture of one latent value's size: what is wrong with the model is found before the first image, and is no image's fault.</summary>
    /// <exception cref="InvalidDataException">The encoder's file is broken, or does not fit the config, or it emits NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">The device cannot be used, or ONNX Runtime failed.</exception>
    internal void CheckEncoder()
    {
        using var encoder = AcquireEncoder();
        RequireFinite(RunEncoder(encoder, new PixelTensor(1, Config.DownsamplingFactor, Config.DownsamplingFactor)));
    }

    private Posterior RunEncoder(SessionLease encoder, PixelTensor images)
    {
        var (channels, factor) = (Config.LatentChannels, Config.DownsamplingFactor);
        if (images.Height % factor != 0 || images.Width % factor != 0)
        {
            throw new ArgumentException(
                $"The images are {images.Width} x {images.Height} pixels; both sides must be multiples of {factor}. Resize them, or pad them to {PixelTensor.RoundUp(images.Width, factor)} x {PixelTensor.RoundUp(images.Height, factor)}.",
                nameof(images));
        }

        var (height, width) = (images.Height / factor, images.Width / factor);
        var encoded = new float[checked(images.Count * Config.EncodedChannels() * height * width)];
        encoder.Run(images.Data, [images.Count, 3, images.Height, images.Width], encoded, [images.Count, Config.EncodedChannels(), height, width]);
        return Config.EncoderOutput == EncoderOutput.Latent
            ? Posterior.OfLatents(images.Count, channels, height, width, encoded)
            : new Posterior(images.Count, channels, height, width, encoded);
    }

    /// <summary><see cref="Decode(ReadOnlySpan{float}, int, int, int)"/> under a lease.</summary>
    internal PixelTensor Decode(SessionLease decoder, ReadOnlySpan<float> latents, int count, int height, int width)
    {
        var images = new PixelTensor(count, height * Config.DownsamplingFactor, width * Config.DownsamplingFactor);
        var started = Stopwatch.GetTimestamp();
        decoder.Run(latents, [count, Config.LatentChannels, height, width], images.Data, [count, 3, images.Height, images.Width]);
        ModelMetrics.Decoded(Config.Name, count, started);
        return images;
    }

    // What is run, what it is called by its fingerprint and what is saved must be the same bytes, also where an export replaces the files meanwhile.
    private OnnxModelFile Unchanged(OnnxModelFile file, ref string? sha256, string part)
    {
        var known = Interlocked.CompareExchange(ref sha256, file.Sha256, null);
        return known is null || known == file.Sha256
            ? file
            : throw new InvalidDataException($"{Folder}: the {part}'s file has changed since it was first read (SHA-256 {known}, now {file.Sha256}). Load the model again.");
    }

    private void RequireFinite(Posterior posterior)
    {
        var broken = posterior.Moments.AsSpan().IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
        if (broken >= 0)
        {
            var (plane, place) = Math.DivRem(broken, posterior.Height * posterior.Width);
            var (image, channel) = Math.DivRem(plane, 2 * posterior.Channels);
            throw new InvalidDataException(
                $"{Folder}: the encoder emits {posterior.Moments[broken]} for image {image} of the batch, in channel {channel} at x {place % posterior.Width}, y {place / posterior.Width}: the model is broken, or its numbers overflow"
                + " (half precision does so above 65,504). Compare with another model, or with one in single precision.");
        }
    }
}
