using System.Threading.Channels;
using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The latents of a store as shuffled batches for training a diffusion model: the same store, options and epoch give the same batches.</summary>
/// <remarks>
/// A background thread copies moments out of the memory maps as they stand in the files and draws the noise of samples, some batches ahead; what becomes of them is computed on the
/// device. The batches of a store with several sizes hold images of one size each; at the end of an epoch batches may be smaller, and no image is left out. Enumerate an epoch in one thread at a time.
/// </remarks>
public sealed class LatentBatches
{
    private const int Ahead = 4; // batches

    private readonly LatentStore _store;
    private readonly LatentBatchOptions _options;
    private readonly Device _device;

    /// <summary>Batches of a store, which must stay open.</summary>
    /// <exception cref="ArgumentException">An option is wrong.</exception>
    /// <exception cref="InvalidOperationException">The store has no mirrored images, or the device is not there.</exception>
    public LatentBatches(LatentStore store, LatentBatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (options.Flip && !store.HasFlipped)
        {
            throw new InvalidOperationException($"{store.Folder}: the store has no moments of mirrored images: encode with --flip, or leave {nameof(LatentBatchOptions.Flip)} off.");
        }

        (_store, _options, _device) = (store, options, LiteVaeTrainer.FindDevice(options.Device));
    }

    /// <summary>One pass over the store.</summary>
    /// <param name="epoch">Which: each has another order, other samples, other mirrored images.</param>
    /// <returns>Batches; the caller disposes their tensors.</returns>
    /// <exception cref="InvalidDataException">A file of the store is damaged.</exception>
    public IEnumerable<LatentBatch> Epoch(long epoch = 0)
    {
        var coming = Channel.CreateBounded<Loaded>(new BoundedChannelOptions(Ahead) { SingleReader = true, SingleWriter = true });
        using var stop = new CancellationTokenSource();
        var loading = Task.Run(() => LoadAll(epoch, coming.Writer, stop.Token));
        try
        {
            while (coming.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (coming.Reader.TryRead(out var loaded))
                {
                    yield return new LatentBatch(loaded.Images, Compute(loaded));
                }
            }
        }
        finally
        {
            stop.Cancel(); // whoever leaves early does not wait for the rest
            loading.GetAwaiter().GetResult(); // what went wrong there, the reader has thrown
            while (coming.Reader.TryRead(out var left))
            {
                left.Dispose();
            }
        }
    }

    private async Task LoadAll(long epoch, ChannelWriter<Loaded> coming, CancellationToken stop)
    {
        try
        {
            var waiting = new Dictionary<ImageSize, List<long>>();
            var number = 0L;
            foreach (var image in _store.Shuffled(_options.Seed, epoch, _options.ShardsAtOnce))
            {
                var size = _store.SizeOf(image);
                if (!waiting.TryGetValue(size, out var images))
                {
                    waiting[size] = images = [];
                }

                images.Add(image);
                if (images.Count == _options.BatchSize)
                {
                    await Hand(Load(images, size, epoch, number++)).ConfigureAwait(false);
                    images.Clear();
                }
            }

            foreach (var (size, images) in waiting.Where(size => size.Value.Count > 0))
            {
                await Hand(Load(images, size, epoch, number++)).ConfigureAwait(false);
            }

            coming.Complete();
        }
        catch (Exception e)
        {
            coming.TryComplete(e is OperationCanceledException ? null : e); // the reader throws it
        }

        async Task Hand(Loaded loaded)
        {
            try
            {
                await coming.WriteAsync(loaded, stop).ConfigureAwait(false);
            }
            catch
            {
                loaded.Dispose();
                throw;
            }
        }
    }

    private Loaded Load(List<long> images, ImageSize size, long epoch, long number)
    {
        var settings = _store.Index.Dataset.Settings;
        var (channels, height, width) = settings.MomentsShape(size);
        var stored = empty([images.Count, channels, height, width], dtype: settings.Dtype switch
        {
            SafetensorsType.F16 => ScalarType.Float16,
            SafetensorsType.BF16 => ScalarType.BFloat16,
            _ => ScalarType.Float32,
        }).DetachFromDisposeScope(); // it goes to another thread
        try
        {
            // shard by shard: each is asked for once
            foreach (var shard in images.Select((image, place) => (Found: _store.Index.Find(image), image, place)).GroupBy(image => image.Found.Shard))
            {
                _store.CopyBytes(shard.Key, [.. shard.Select(image => image.Found.Row)], [.. shard.Select(image => IsFlipped(image.image, epoch))], [.. shard.Select(image => image.place)], stored.bytes);
            }

            return new Loaded([.. images], stored, _options.Output == LatentOutput.Sample ? Noise([images.Count, channels / 2, height, width], epoch, number) : null);
        }
        catch
        {
            stored.Dispose();
            throw;
        }
    }

    private bool IsFlipped(long image, long epoch) => _options.Flip && (new CounterRandom((ulong)_options.Seed ^ 0xF11D, (ulong)(image * 1_000_003) + (ulong)epoch).NextBits() & 1) == 1;

    private Tensor Noise(long[] shape, long epoch, long number)
    {
        using var generator = new Generator(new CounterRandom((ulong)_options.Seed, (ulong)((epoch * 0x1000_0000L) + number)).NextBits());
        return randn(shape, generator: generator).DetachFromDisposeScope(); // on the CPU: the same on all devices
    }

    private Tensor Compute(Loaded loaded)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var held = loaded;
        var stored = _device.type == DeviceType.CUDA ? held.Stored.pin_memory().to(_device, non_blocking: true) : held.Stored;
        if (_options.Output == LatentOutput.Moments)
        {
            return stored.to(float32, copy: true).MoveToOuterDisposeScope();
        }

        // in place on a copy: memory for each result would cost more than the arithmetic
        using Scalar one = 1.0.ToScalar(), half = 0.5.ToScalar(), low = Posterior.MinLogVar.ToScalar(), high = Posterior.MaxLogVar.ToScalar();
        var latentChannels = stored.shape[1] / 2;
        var latent = stored.narrow(1, 0, latentChannels).to(float32, copy: true);
        if (held.Noise is { } noise)
        {
            var deviation = stored.narrow(1, latentChannels, latentChannels).to(float32, copy: true).clamp_(low, high).mul_(half).exp_();
            latent.addcmul_(deviation, noise.to(_device), one);
        }

        if (_options.Scaled)
        {
            using Scalar shift = (-_store.Scaling.Shift).ToScalar(), factor = _store.Scaling.Factor.ToScalar();
            latent.add_(shift, one).mul_(factor);
        }

        return latent.MoveToOuterDisposeScope();
    }

    /// <summary>What the loading thread has made of a batch. Whoever takes it disposes it.</summary>
    /// <param name="Images">Which images.</param>
    /// <param name="Stored">Their moments as they stand in the files, [N, 2 nz, h, w].</param>
    /// <param name="Noise">What samples are drawn with, [N, nz, h, w]; null where none are.</param>
    private sealed record Loaded(long[] Images, Tensor Stored, Tensor? Noise) : IDisposable
    {
        public void Dispose()
        {
            Stored.Dispose();
            Noise?.Dispose();
        }
    }
}

/// <summary>A batch of latents.</summary>
/// <param name="Images">Which images of the store, for their rows.</param>
/// <param name="Latents">[N, nz, h, w], or the moments [N, 2 nz, h, w], F32, on the device. The caller disposes it.</param>
public sealed record LatentBatch(IReadOnlyList<long> Images, Tensor Latents);
