using System.Diagnostics;
using LiteVae.Tests;

namespace LiteVae.Training.Tests.Checkpoints;

[Collection(nameof(Estimator.AloneWithTorch))]
public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_later_stage_brings_in_a_discriminator_that_the_checkpoint_does_not_know()
    {
        var options = Options();
        new LiteVaeTrainer(options).Train();
        var more = options with
        {
            Stages = [.. options.Stages, new TrainingStage { Resolution = 32, Steps = 2, BatchSize = 1, Losses = new LossOptions { Adversarial = 0.1 } }],
            Discriminator = new DiscriminatorOptions { Width = 16 },
        };
        var end = new LiteVaeTrainer(more).Train(resume: true);
        using var reader = SafetensorsReader.Open(end);
        Assert.Equal("2", reader.Metadata["discriminator_step"]); // its own steps, not those of the run
        Assert.Contains(reader.Entries, entry => entry.Name.StartsWith("discriminator.buffer.", StringComparison.Ordinal)); // the spectral norms' vectors
        Assert.Contains(reader.Entries, entry => entry.Name.StartsWith("discriminator.adam.square.", StringComparison.Ordinal));

        var other = more with { Discriminator = more.Discriminator with { Kind = DiscriminatorKind.Patch }, Stages = [.. more.Stages, more.Stages[^1]] };
        var e = Assert.Throws<InvalidDataException>(() => new LiteVaeTrainer(other).Train(resume: true));
        Assert.Contains("'discriminator.", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(24, DiscriminatorKind.UNet, "Stages[0].Resolution is 24, but the UNet discriminator needs crops of at least 16 x 16, multiples of 16")]
    [InlineData(16, DiscriminatorKind.Patch, "Stages[0].Resolution is 16, but the Patch discriminator needs crops of at least 24 x 24")]
    public void Crops_that_the_discriminator_cannot_take_are_refused_before_the_first_step(int side, DiscriminatorKind kind, string message)
    {
        var options = Options() with
        {
            Stages = [new TrainingStage { Resolution = side, Steps = 1, BatchSize = 1, Losses = new LossOptions { Adversarial = 1 } }],
            Discriminator = new DiscriminatorOptions { Kind = kind, Width = 16 },
        };
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => new LiteVaeTrainer(options).Train()).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    [Fact]
    public void A_disk_that_fills_up_leaves_the_last_good_checkpoint_and_the_run_goes_on_once_there_is_space()
    {
        var disk = _folder.At("disk");
        Directory.CreateDirectory(disk);
        Assert.SkipUnless(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk) == 0, "a small file system cannot be mounted here");
        try
        {
            var options = Options() with { Output = Path.Combine(disk, "run"), KeepCheckpoints = 1_000, CheckpointEvery = 1, Stages = [new TrainingStage { Resolution = 16, Steps = 400, BatchSize = 1 }] };
            var e = Assert.Throws<IOException>(() => new LiteVaeTrainer(options).Train());
            Assert.Matches("The run cannot be written after step [0-9]+: No space .*The checkpoint .*step-.*safetensors is good: .*resume the run", e.Message);

            var folder = new CheckpointFolder(options.Output);
            var newest = folder.Newest()!;
            var (network, _, step) = Checkpoint.LoadAverage(newest);
            network.Dispose();
            Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(newest)!, AtomicFile.TemporaryPattern));

            var more = options with { KeepCheckpoints = 1, Stages = [options.Stages[0] with { Steps = (int)step + 3 }] };
            foreach (var old in Directory.GetFiles(Path.GetDirectoryName(newest)!).Where(path => path != newest))
            {
                File.Delete(old);
            }

            Assert.Equal(folder.PathOf(step + 3), new LiteVaeTrainer(more).Train(resume: true));
        }
        finally
        {
            Assert.Equal(0, Run("umount", disk));
        }
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private LiteVaeTrainerOptions Options()
    {
        TrainingPictures.Write(_folder);
        return TrainingPictures.Options(_folder);
    }
}
