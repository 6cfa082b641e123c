using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Trains a LiteVAE on a folder of images, into a run folder.</summary>
/// <remarks>
/// The run folder holds <c>options.json</c>, <c>checkpoints/</c>, <c>report.html</c>, <c>log.jsonl</c>, <c>evaluation.jsonl</c>, <c>warnings.jsonl</c>, <c>tensorboard/</c>,
/// <c>samples/</c> and <c>curve.png</c>. A run that was stopped or killed goes on from its newest checkpoint and, with the same options on the CPU, sees the same losses as one that
/// never stopped. Started by mpirun or srun, the processes share every batch, and the first writes. One trainer runs at a time; it is not thread-safe.
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

    /// <summary>Called for each image, for training or held out, that cannot be read, with the reason; from any thread. Training goes on without it.</summary>
    public Action<string>? OnImageFailure { get; init; }

    /// <summary>Called for each early sign that the training goes wrong, with step and tensor; on the training's thread. Training goes on.</summary>
    public Action<string>? OnWarning { get; init; }

    /// <summary>Trains to the end, or until cancelled; a checkpoint is written in both cases.</summary>
    /// <param name="resume">True goes on from the run folder's newest checkpoint, if there is one.</param>
    /// <param name="progress">Told every <see cref="LiteVaeTrainerOptions.LogEvery"/> steps.</param>
    /// <param name="cancellation">Stops after the step in progress.</param>
    /// <returns>The last checkpoint's path.</returns>
    /// <exception cref="InvalidOperationException">The run folder has checkpoints and <paramref name="resume"/> is false, or the device is not there.</exception>
    /// <exception cref="InvalidDataException">There are no readable images, the checkpoint is of another architecture or of a step after the last, or the model to start from is broken or of another architecture.</exception>
    /// <exception cref="TrainingDivergedException">A loss or gradient is not finite.</exception>
    /// <exception cref="IOException">The model to start from is not there, or the run folder cannot be written, as on a full disk; the checkpoints that are there stay good.</exception>
    public string Train(bool resume = false, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        // the processes: each computes its part of every batch, and the first alone writes
        NativeTorch.EnsureLoaded();
        using var sync = GradientSync.Detect();
        RequireShares(sync.Size);
        if (sync.Size > 1 && Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null)
        {
            set_num_threads(sync.Threads);
        }

        // the run folder
        var checkpoints = new CheckpointFolder(_options.Output);
        var newest = checkpoints.Newest();
        if (newest is not null && !resume)
        {
            throw new InvalidOperationException($"{_options.Output} already holds a run ({newest}): resume it, or name another folder.");
        }

        // the device and the images
        var device = FindDevice(sync.LocalSize > 1 && DeviceSelection.Parse(_options.Device).CudaIndex is not null ? $"cuda:{sync.LocalRank}" : _options.Device); // each process its own GPU
        if (OnWarning is not null && sync.Size == 1 && device.type == DeviceType.CPU && BusyMachine.Warning() is { } busy)
        {
            OnWarning(busy);
        }

        var images = new ImageFolder(_options.Data) { OnFailure = OnImageFailure };
        if (device.type == DeviceType.CUDA)
        {
            (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (_options.TensorFloat32, _options.TensorFloat32);
        }

        // what is trained, and by what
        using var scope = NewDisposeScope();
        using var state = new TrainingState(_options, device);
        using var objective = new Objective(_options, device);

        // where the run stands
        var checkpoint = new Checkpoint(state);
        var done = newest is null ? 0 : checkpoint.Load(newest);
        if (done > _options.TotalSteps)
        {
            throw new InvalidDataException($"{newest} is of step {done}, but the stages have {_options.TotalSteps} steps: give them as many or more, or name another run folder.");
        }

        if (newest is null && _options.StartFrom is { } model)
        {
            StartingWeights.Load(model, state.Network, state.Average);
        }
        else if (newest is null && _options.Architecture.LinearCode is not null)
        {
            LinearCodeFit.Fit(images, _options.Seed, state.Network, state.Average);
        }

        sync.RequireEqual("weights and optimiser states", state.Named());
        using var copy = _options.Precision == TrainingPrecision.BFloat16 ? new WorkingCopy(state.Network, state.Parameters) : null;
        var training = new TrainingStep(state, objective, copy, sync, _options, device);
        var failures = new SharedFailures(images, sync);
        using var journal = sync.Rank == 0
            ? new RunJournal(_options, state, checkpoint, checkpoints, images, objective.Lpips, device, done, OnImageFailure) { OnWarning = OnWarning, Progress = progress }
            : null;

        // the steps
        var plan = PlannedStep.Plan(_options).Skip((int)done).ToList();
        var loader = new BatchLoader(new CropSampler(images, (ulong)_options.Seed), plan, sync.Rank, sync.Size);
        var unread = new UnreadMeasures(sync, state);
        try
        {
            foreach (var at in plan)
            {
                if (IsWanted(cancellation.IsCancellationRequested))
                {
                    break;
                }

                unread.Add(training.Run(at, loader.Next()));
                done++;

                // reading waits for the device: a GPU computes on until there is something to say or to keep
                var (log, look, write) = (IsDue(_options.LogEvery), RunJournal.IsLookDue(_options, done), IsDue(_options.CheckpointEvery));
                if (log || look || write || device.type == DeviceType.CPU)
                {
                    Read();
                }

                if (log)
                {
                    var failed = failures.Count();
                    journal?.Log(loader.Waited, failed);
                }

                if (look)
                {
                    sync.AwaitFirst(signOfLife => journal?.Look(done, signOfLife));
                }

                if (write)
                {
                    Write();
                }
            }

            Read();
            Write();
            journal?.End(done, done == _options.TotalSteps ? RunState.Finished : RunState.Stopped);
            return checkpoints.PathOf(done);
        }
        catch (TrainingDivergedException e)
        {
            journal?.End(done, RunState.Diverged, e);
            throw;
        }
        catch (IOException e)
        {
            var good = checkpoints.Newest() is { } last ? $"The checkpoint {last} is good: mend that, then resume the run." : "Mend that, then start again.";
            throw new IOException($"The run cannot be written after step {done}: {e.Message}. {good}", e);
        }

        // by any process: all of them stop before the same step
        bool IsWanted(bool here)
        {
            Span<double> wanted = [here ? 1 : 0];
            sync.Sum(wanted);
            return wanted[0] > 0;
        }

        bool IsDue(int every) => done % every == 0 || done == _options.TotalSteps;

        void Read()
        {
            foreach (var (losses, stage) in unread.Read())
            {
                journal?.Step(losses, stage);
            }
        }

        void Write()
        {
            var path = checkpoints.PathOf(done);
            sync.RequireClose("weights and optimiser states", state.Named());
            if (sync.Rank == 0 && !File.Exists(path))
            {
                checkpoint.Save(path, done, _options);
                checkpoints.Prune(_options.KeepCheckpoints);
            }
        }
    }

    /// <summary>Each process gets the same number of images, in the same number of parts.</summary>
    private void RequireShares(int processes)
    {
        for (var i = 0; i < _options.Stages.Count; i++)
        {
            var (batch, parts) = (_options.Stages[i].BatchSize, _options.Stages[i].Accumulation);
            if (batch % (processes * parts) != 0)
            {
                throw new ArgumentException(
                    $"Stages[{i}].BatchSize is {batch}, which {processes} {(processes == 1 ? "process" : "processes")} in {parts} {(parts == 1 ? "part" : "parts")} cannot share equally: "
                    + $"it must be a multiple of {processes * parts}.");
            }
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
}
