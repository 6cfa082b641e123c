namespace LiteVae;

/// <summary>
/// How much memory a run's attention may take on the CPU. Attention over the P positions of a latent holds two tables of P x P numbers, scores and weights:
/// at four times the side, 256 times the memory; and what asks for more than there is, is killed by the system without a word.
/// </summary>
/// <param name="Bytes">The most that the tables of one run may take.</param>
internal sealed record AttentionLimit(long Bytes)
{
    private const double BytesPerPair = 2 * sizeof(float);
    private const double Gigabyte = 1e9;

    /// <summary>The limit for a model on a device, or null where there is none: the model has no attention, or runs on a GPU, which itself reports a want of memory.</summary>
    /// <remarks>It is half of this process's memory: the encoder and the decoder each keep what their largest run took.</remarks>
    public static AttentionLimit? Of(OnnxModelFile file, DeviceSelection device) =>
        file.HasAttention && device.CudaIndex is null ? new AttentionLimit(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2) : null;

    /// <summary>Refuses a run that would take more.</summary>
    /// <param name="name">The model, for the message.</param>
    /// <param name="input">The input's shape, [N, C, H, W]: images or latents.</param>
    /// <param name="output">The output's shape, [N, C, H, W]: latents or images.</param>
    /// <exception cref="InvalidOperationException">It would.</exception>
    public void Require(string name, long[] input, long[] output)
    {
        var (image, latent) = input[2] >= output[2] ? (input, output) : (output, input);
        var (count, positions) = (latent[0], (double)latent[2] * latent[3]);
        var bytesPerPair = BytesPerPair * count;
        var needed = bytesPerPair * positions * positions;
        if (needed > Bytes)
        {
            var side = Math.Max(1, (long)Math.Sqrt(Math.Sqrt(Bytes / bytesPerPair))) * (image[2] / latent[2]);
            throw new InvalidOperationException(
                $"{name}: {(count == 1 ? "an image" : $"{count} images at once")} of {image[3]} x {image[2]} pixels would need {needed / Gigabyte:N1} GB for the model's attention, which "
                + $"compares {positions:N0} positions with one another; it may take {Bytes / Gigabyte:N1} GB, half of this process's memory. "
                + $"Take smaller images, of at most {side} x {side} pixels{(count == 1 ? "" : ", or fewer at once")}, or tiles of at most that size (TileSize, --tile), or a model without attention.");
        }
    }
}
