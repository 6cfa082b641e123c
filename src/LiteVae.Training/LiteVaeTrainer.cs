using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Trains a LiteVAE on a folder of images, into a run folder.</summary>
/// <remarks>
/// The run folder holds <c>options.json</c>, <c>checkpoints/</c>, <c>log.jsonl</c> and <c>samples/</c>. A run that was stopped or killed goes on
/// from its newest checkpoint and, with the same options on the CPU, sees the same losses as one that never stopped. One trainer runs at a time; it is not thread-safe.
/// </remarks>
public sealed class LiteVaeTrainer
{
    private readonly LiteVaeTrainerOptions _options;

    /// <summary>Takes the options of a run.</summary>
    /// <exception cref="ArgumentException">Some are out of range; the message lists all of them.</exception>
    public LiteVaeTrainer(LiteVaeTrainerOptions options)
    {
        options.Validate();
        _options = options;
    }

    /// <summary>Called for each training image that cannot be read, with the reason; from any thread. Training goes on without it.</summary>
    public Action<string>? OnImageFailure { get; init; }

    /// <summary>Trains to the end, or until cancelled; a checkpoint is written in both cases.</summary>
    /// <param name="resume">True goes on from the run folder's newest checkpoint, if there is one.</param>
    /// <param name="progress">Told every <see cref="LiteVaeTrainerOptions.LogEvery"/> steps.</param>
    /// <param name="cancellation">Stops after the step in progress.</param>
    /// <returns>The last checkpoint's path.</returns>
    /// <exception cref="InvalidOperationException">The run folder has checkpoints and <paramref name="resume"/> is false, or the device is not there.</exception>
    /// <exception cref="InvalidDataException">There are no readable images, or the checkpoint is of another architecture.</exception>
    /// <exception cref="TrainingDivergedException">A loss or gradient is not finite.</exception>
    public string Train(bool resume = false, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        // the run folder
        var checkpoints = new CheckpointFolder(_options.Output);
        var newest = checkpoints.Newest();
        if (newest is not null && !resume)
        {
            throw new InvalidOperationException($"{_options.Output} already holds a run ({newest}): resume it, or name another folder.");
        }

        // the images and the device
        var device = FindDevice(_options.Device);
        var images = new ImageFolder(_options.Data) { OnFailure = OnImageFailure };
        var samples = new SamplePicture(images);

        // the networks and the optimiser
        using var scope = NewDisposeScope();
        manual_seed(_options.Seed);
        using var network = new LiteVaeNetwork(_options.Architecture, device);
        using var average = new LiteVaeNetwork(_options.Architecture, device);
        var optimizer = new Adam([.. network.parameters()], _options.Beta1, _options.Beta2);
        var ema = new ExponentialMovingAverage(network, average, _options.EmaDecay);
        var checkpoint = new Checkpoint(network, average, optimizer);
        var training = new TrainingStep(network, optimizer, _options, device);

        // where the run stands
        var first = newest is null ? 0 : checkpoint.Load(newest);
        AtomicFile.WriteAllText(Path.Combine(_options.Output, "options.json"), _options.ToJson());
        var log = new TrainingLog(_options.Output);
        log.Truncate(first);

        // the steps
        var plan = Plan().Skip((int)first).ToList();
        var loader = new BatchLoader(new CropSampler(images, (ulong)_options.Seed), plan);
        var done = first;
        var (clock, waited, imagesSeen) = (Stopwatch.StartNew(), TimeSpan.Zero, 0L);
        foreach (var (_, stage) in plan)
        {
            if (cancellation.IsCancellationRequested)
            {
                break;
            }

            var losses = training.Run(done, stage, loader.Next());
            ema.Update(done);
            done++;
            imagesSeen += stage.BatchSize;

            if (done % _options.LogEvery == 0 || done == _options.TotalSteps)
            {
                var (seconds, steps) = (clock.Elapsed.TotalSeconds, imagesSeen / (double)stage.BatchSize);
                var report = new TrainingProgress(
                    losses, done, _options.TotalSteps, imagesSeen / seconds, (loader.Waited - waited).TotalSeconds / seconds,
                    seconds / steps * (_options.TotalSteps - done), images.FailureCount);
                log.Append(report);
                progress?.Report(report);
                (waited, imagesSeen) = (loader.Waited, 0);
                clock.Restart();
            }

            if (done % _options.SampleEvery == 0 || done == _options.TotalSteps)
            {
                samples.Save(Path.Combine(_options.Output, "samples", $"step-{done:D8}.png"), average, device);
                TrainingCurve.Save(Path.Combine(_options.Output, "curve.png"), log.Read());
            }

            if (done % _options.CheckpointEvery == 0)
            {
                Write();
            }
        }

        return Write();

        string Write()
        {
            var path = checkpoints.PathOf(done);
            if (!File.Exists(path))
            {
                checkpoint.Save(path, done, _options);
                checkpoints.Prune(_options.KeepCheckpoints);
            }

            return path;
        }
    }

    /// <summary>The device of a name; a missing one is an error, never a silent run on the CPU.</summary>
    internal static Device FindDevice(string name)
    {
        NativeTorch.EnsureLoaded();
        if (DeviceSelection.Parse(name).CudaIndex is not { } index)
        {
            return CPU;
        }

        return TryInitializeDeviceType(DeviceType.CUDA) && index < cuda.device_count()
            ? new Device(DeviceType.CUDA, index)
            : throw new InvalidOperationException($"Device '{name}' was asked for, but this libtorch sees no such GPU ({NativeTorch.Report}). `litevae doctor` says more.");
    }

    private IEnumerable<(long FirstSample, TrainingStage Stage)> Plan()
    {
        var sample = 0L;
        foreach (var stage in _options.Stages)
        {
            for (var i = 0; i < stage.Steps; i++, sample += stage.BatchSize)
            {
                yield return (sample, stage);
            }
        }
    }
}
