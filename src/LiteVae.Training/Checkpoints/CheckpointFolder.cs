using System.Globalization;

namespace LiteVae.Training;

/// <summary>
/// The checkpoints of a run: <c>RUN/checkpoints/step-NNNNNNNN.safetensors</c>, of which the newest few are kept, and <c>best.safetensors</c>, the one with the best PSNR on held-out images.
/// </summary>
internal sealed class CheckpointFolder(string run)
{
    private const string Pattern = "step-*.safetensors";

    private readonly string _folder = Path.Combine(run, "checkpoints");

    /// <summary>The best by evaluation; there is none without one.</summary>
    public string Best => Path.Combine(_folder, "best.safetensors");

    /// <summary>Steps done at the best; null where there is none that can be read.</summary>
    public long? BestStep()
    {
        try
        {
            return File.Exists(Best) ? Checkpoint.StepOf(Best) : null;
        }
        catch (InvalidDataException)
        {
            return null; // the next best takes its place
        }
    }

    /// <summary>Where the checkpoint after so many steps is written.</summary>
    public string PathOf(long step) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"step-{step:D8}.safetensors"));

    /// <summary>The newest checkpoint, or null where there is none.</summary>
    public string? Newest() => All().LastOrDefault();

    /// <summary>Deletes all but the newest few, and what a killed process left half-written.</summary>
    public void Prune(int keep)
    {
        foreach (var old in All().SkipLast(keep).Concat(Directory.EnumerateFiles(_folder, AtomicFile.TemporaryPattern)))
        {
            File.Delete(old);
        }
    }

    // the step has a fixed number of digits, so names sort as steps do
    private List<string> All() => Directory.Exists(_folder) ? [.. Directory.EnumerateFiles(_folder, Pattern).Order(StringComparer.Ordinal)] : [];
}
