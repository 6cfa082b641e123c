namespace LiteVae.Training;

/// <summary>Which image, crop and flip is the n-th training sample: a function of the seed and n alone, one pass over all images an epoch.</summary>
internal sealed class CropSampler(ImageFolder images, ulong seed)
{
    private readonly Lock _lock = new();
    private (long Epoch, int[] Order)? _current;

    /// <summary>Writes the sample into a batch: a square crop of the stage's kind, mirrored half of the time where the stage wants it.</summary>
    /// <param name="sample">Number of the sample in the run, from 0.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="batch">The batch, [N, 3, R, R].</param>
    /// <param name="index">Where in the batch.</param>
    public void Write(long sample, TrainingStage stage, PixelTensor batch, int index)
    {
        var random = new CounterRandom(seed, (ulong)sample);
        var size = stage.Resolution;
        var image = images.Load(Order(sample / images.Count)[(int)(sample % images.Count)]);
        var side = Side(Math.Min(image.Width, image.Height), stage, ref random);
        var left = random.Next(image.Width - side + 1);
        var top = random.Next(image.Height - side + 1);
        var crop = Crop(image, left, top, side, mirror: stage.Flip && random.Next(2) == 1);
        batch.Set(index, side == size ? crop : BicubicResizer.Resize(crop, size, size)); // only the square is resized, however long the image
    }

    private static int Side(int shortSide, TrainingStage stage, ref CounterRandom random)
    {
        if (stage.Crop == CropKind.Plain)
        {
            return Math.Min(stage.Resolution, shortSide);
        }

        var least = (shortSide + 1) / 2; // half of the short side, as latent-diffusion's autoencoders are trained
        return least + random.Next(shortSide - least + 1);
    }

    private static RgbImage Crop(RgbImage image, int left, int top, int size, bool mirror)
    {
        var pixels = new byte[size * size * 3];
        for (var y = 0; y < size; y++)
        {
            var source = image.Pixels.AsSpan((((top + y) * image.Width) + left) * 3, size * 3);
            var target = pixels.AsSpan(y * size * 3, size * 3);
            if (!mirror)
            {
                source.CopyTo(target);
                continue;
            }

            for (var x = 0; x < size; x++)
            {
                source.Slice((size - 1 - x) * 3, 3).CopyTo(target[(x * 3)..]);
            }
        }

        return new RgbImage(size, size, pixels);
    }

    private int[] Order(long epoch)
    {
        lock (_lock)
        {
            if (_current?.Epoch != epoch)
            {
                // at an epoch's end batches in flight may ask for both orders in turn, which only costs time
                var order = Enumerable.Range(0, images.Count).ToArray();
                var random = new CounterRandom(~seed, (ulong)epoch);
                random.Shuffle(order);
                _current = (epoch, order);
            }

            return _current.Value.Order;
        }
    }
}
