using System.Runtime.InteropServices;
using System.Threading.Channels;
using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The latents of a store as shuffled batches for training a diffusion model: the same store, options and epoch give the same batches.</summary>
/// <remarks>
/// Some batches ahead are made at once by background threads, out of the memory maps and on the CPU whatever the device. The noise of a sample depends on seed, epoch and image alone. The batches of a
/// store with several sizes hold images of one size each; at the end of an epoch batches may be smaller, and no image is left out. Enumerate an epoch in one thread at a time.
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
        var coming = Channel.CreateBounded<Task<LatentBatch>>(new BoundedChannelOptions(Ahead) { SingleReader = true, SingleWriter = true });
        using var stop = new CancellationTokenSource();
        var ordering = Task.Run(() => Order(epoch, coming.Writer, stop.Token));
        try
        {
            while (coming.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (coming.Reader.TryRead(out var batch))
                {
                    yield return ForCaller(batch.GetAwaiter().GetResult());
                }
            }
        }
        finally
        {
            stop.Cancel(); // whoever leaves early does not wait for the rest
            ordering.GetAwaiter().GetResult(); // what went wrong there, the reader has thrown
            while (coming.Reader.TryRead(out var left))
            {
                Discard(left);
            }
        }
    }

    /// <summary>Puts images together to batches and has them made, as many at once as there is room for.</summary>
    private async Task Order(long epoch, ChannelWriter<Task<LatentBatch>> coming, CancellationToken stop)
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
                    await Start(images, size).ConfigureAwait(false);
                    waiting.Remove(size);
                }
            }

            foreach (var (size, images) in waiting)
            {
                await Start(images, size).ConfigureAwait(false);
            }

            coming.Complete();
        }
        catch (Exception e)
        {
            coming.TryComplete(e is OperationCanceledException ? null : e); // the reader throws it
        }

        async Task Start(List<long> images, ImageSize size)
        {
            await coming.WaitToWriteAsync(stop).ConfigureAwait(false);
            coming.TryWrite(Task.Run(() => Load(images, size, epoch), CancellationToken.None)); // nobody else writes: there is room
        }
    }

    private LatentBatch Load(List<long> images, ImageSize size, long epoch)
    {
        var (channels, height, width) = _store.Index.Dataset.Settings.MomentsShape(size);
        var latents = empty([images.Count, _options.Output == LatentOutput.Moments ? channels : channels / 2, height, width]).DetachFromDisposeScope(); // it goes to another thread
        try
        {
            var logVars = new float[_options.Output == LatentOutput.Sample ? channels / 2 * height * width : 0];
            var length = (int)(latents.NumberOfElements / images.Count);

            // shard by shard: each is asked for once
            foreach (var shard in images.Select((image, place) => (Found: _store.Index.Find(image), image, place)).GroupBy(image => image.Found.Shard))
            {
                using var lease = _store.Lease(shard.Key);
                foreach (var (found, image, place) in shard)
                {
                    var moments = IsFlipped(image, epoch) ? lease.File.FlippedMomentsBytes(found.Row) : lease.File.MomentsBytes(found.Row);
                    Fill(MemoryMarshal.Cast<byte, float>(latents.bytes).Slice(place * length, length), moments, lease.File.Dtype, logVars, image, epoch);
                }
            }

            return new LatentBatch(images, latents);
        }
        catch
        {
            latents.Dispose();
            throw;
        }
    }

    /// <summary>What the options ask for, of one image's moments.</summary>
    private void Fill(Span<float> latent, ReadOnlySpan<byte> moments, SafetensorsType type, float[] logVars, long image, long epoch)
    {
        FloatElements.Read(moments, type, stride: 1, latent); // the means, or all
        if (_options.Output == LatentOutput.Sample)
        {
            FloatElements.Read(moments[(latent.Length * type.Size())..], type, stride: 1, logVars);
            PosteriorSampling.Draw(latent, logVars, new CounterRandom((ulong)_options.Seed, CounterRandom.Mix((ulong)epoch + 1) + (ulong)image));
        }

        if (_options.Scaled && _options.Output != LatentOutput.Moments)
        {
            _store.Scaling.ToScaled(latent, latent);
        }
    }

    private bool IsFlipped(long image, long epoch) => _options.Flip && (new CounterRandom((ulong)_options.Seed ^ 0xF11D, (ulong)(image * 1_000_003) + (ulong)epoch).NextBits() & 1) == 1;

    private LatentBatch ForCaller(LatentBatch batch)
    {
        using var scope = NewDisposeScope();
        using var made = batch.Latents;
        var latents = _device.type == DeviceType.CPU ? made.alias() : made.pin_memory().to(_device, non_blocking: true);
        return batch with { Latents = latents.MoveToOuterDisposeScope() };
    }

    private static void Discard(Task<LatentBatch> batch)
    {
        try
        {
            batch.GetAwaiter().GetResult().Latents.Dispose();
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ObjectDisposedException)
        {
            // a damaged or vanished file, or a closed store, in a batch that nobody asks for any more
        }
    }
}

/// <summary>A batch of latents.</summary>
/// <param name="Images">Which images of the store, for their rows.</param>
/// <param name="Latents">[N, nz, h, w], or the moments [N, 2 nz, h, w], F32, on the device. The caller disposes it.</param>
public sealed record LatentBatch(IReadOnlyList<long> Images, torch.Tensor Latents);
