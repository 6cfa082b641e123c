using System.Threading.Channels;
using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The latents of a store as shuffled batches for training a diffusion model: the same store, options and epoch give the same batches.</summary>
/// <remarks>
/// A background thread copies moments out of the memory maps as they stand in the files, some batches ahead; what becomes of them is computed on the device. The batches of a store
/// with several sizes hold images of one size each; at the end of an epoch batches may be smaller, and no image is left out. Enumerate an epoch in one thread at a time.
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
        var number = 0L;
        try
        {
            while (coming.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (coming.Reader.TryRead(out var loaded))
                {
                    yield return new LatentBatch(loaded.Images, Compute(loaded, epoch, number++));
                }
            }
        }
        finally
        {
            stop.Cancel(); // whoever leaves early does not wait for the rest
            loading.GetAwaiter().GetResult(); // what went wrong there, the reader has thrown
            while (coming.Reader.TryRead(out var left))
            {
                left.Stored.Dispose();
            }
        }
    }

    private async Task LoadAll(long epoch, ChannelWriter<Loaded> coming, CancellationToken stop)
    {
        try
        {
            var waiting = new Dictionary<ImageSize, List<long>>();
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
                    await Hand(Load(images, size, epoch)).ConfigureAwait(false);
                    images.Clear();
                }
            }

            foreach (var (size, images) in waiting.Where(size => size.Value.Count > 0))
            {
                await Hand(Load(images, size, epoch)).ConfigureAwait(false);
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
                loaded.Stored.Dispose();
                throw;
            }
        }
    }

    private Loaded Load(List<long> images, ImageSize size, long epoch)
    {
        var settings = _store.Index.Dataset.Settings;
        var (channels, height, width) = settings.MomentsShape(size);
        var stored = empty([images.Count, channels, height, width], dtype: settings.Dtype switch
        {
            SafetensorsType.F16 => ScalarType.Float16,
            SafetensorsType.BF16 => ScalarType.BFloat16,
            _ => ScalarType.Float32,
        });
        stored.DetachFromDisposeScope(); // it goes to another thread
        try
        {
            // shard by shard: each is asked for once
            foreach (var shard in images.Select((image, place) => (Found: _store.Index.Find(image), image, place)).GroupBy(image => image.Found.Shard))
            {
                _store.CopyBytes(shard.Key, [.. shard.Select(image => image.Found.Row)], [.. shard.Select(image => IsFlipped(image.image, epoch))], [.. shard.Select(image => image.place)], stored.bytes);
            }

            return new Loaded([.. images], stored);
        }
        catch
        {
            stored.Dispose();
            throw;
        }
    }

    private bool IsFlipped(long image, long epoch) => _options.Flip && (new CounterRandom((ulong)_options.Seed ^ 0xF11D, (ulong)(image * 1_000_003) + (ulong)epoch).NextBits() & 1) == 1;

    private Tensor Compute(Loaded loaded, long epoch, long number)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var held = loaded.Stored;
        var stored = _device.type == DeviceType.CUDA ? held.pin_memory().to(_device, non_blocking: true) : held;
        if (_options.Output == LatentOutput.Moments)
        {
            return stored.to(float32, copy: true).MoveToOuterDisposeScope();
        }

        var latentChannels = stored.shape[1] / 2;
        var latent = stored.narrow(1, 0, latentChannels).to(float32);
        if (_options.Output == LatentOutput.Sample)
        {
            using var generator = new Generator(new CounterRandom((ulong)_options.Seed, (ulong)((epoch * 0x1000_0000L) + number)).NextBits());
            var noise = randn(latent.shape, generator: generator).to(_device);
            latent = latent.Plus(stored.narrow(1, latentChannels, latentChannels).to(float32).Limited(Posterior.MinLogVar, Posterior.MaxLogVar).Times(0.5).exp().mul(noise));
        }

        return (_options.Scaled ? latent.Plus(-_store.Scaling.Shift).Times(_store.Scaling.Factor) : latent.clone()).MoveToOuterDisposeScope();
    }

    /// <summary>Images, and their moments as they stand in the files, [N, 2 nz, h, w]; whoever takes it disposes that.</summary>
    private sealed record Loaded(long[] Images, Tensor Stored);
}

/// <summary>A batch of latents.</summary>
/// <param name="Images">Which images of the store, for their rows.</param>
/// <param name="Latents">[N, nz, h, w], or the moments [N, 2 nz, h, w], F32, on the device. The caller disposes it.</param>
public sealed record LatentBatch(IReadOnlyList<long> Images, Tensor Latents);
