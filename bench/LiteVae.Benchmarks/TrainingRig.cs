using LiteVae.Training;
using static TorchSharp.torch;

namespace LiteVae.Benchmarks;

/// <summary>A training on the CPU without a run folder: each step as <see cref="LiteVaeTrainer"/> does it, on batches that the caller brings.</summary>
/// <remarks>It keeps a dispose scope open, so that one rig ends before another begins, all on one thread.</remarks>
internal sealed class TrainingRig : IDisposable
{
    private readonly IDisposable _scope = NewDisposeScope();
    private readonly SingleProcess _sync = new();
    private readonly LiteVaeTrainerOptions _options;
    private readonly TrainingState _state;
    private readonly Objective _objective;
    private readonly TrainingStep _step;
    private readonly UnreadMeasures _unread;
    private readonly IEnumerator<PlannedStep> _plan;

    /// <summary>Fresh weights.</summary>
    /// <param name="options">What is trained; data and output are not looked at.</param>
    /// <param name="threads">Threads of libtorch.</param>
    public TrainingRig(LiteVaeTrainerOptions options, int threads)
    {
        set_num_threads(threads);
        _options = options;
        _state = new TrainingState(options, CPU);
        _objective = new Objective(options, CPU);
        _step = new TrainingStep(_state, _objective, copy: null, _sync, options, CPU);
        _unread = new UnreadMeasures(_sync, _state);
        _plan = PlannedStep.Plan(options).GetEnumerator();
    }

    /// <summary>The network.</summary>
    public LiteVaeNetwork Network => _state.Network;

    /// <summary>How far the running average is behind the weights: the norm of their difference.</summary>
    public double Lag
    {
        get
        {
            using var scope = NewDisposeScope();
            return (_state.AverageParameters.Values - _state.Parameters.Values).to(ScalarType.Float64).norm().item<double>();
        }
    }

    /// <summary>The S encoder with the compact decoder, or another architecture, in one stage with the default losses.</summary>
    public static LiteVaeTrainerOptions Options(int resolution, int batch, LiteVaeArchitecture? architecture = null)
    {
        var options = new LiteVaeTrainerOptions { Stages = [new TrainingStage { Resolution = resolution, BatchSize = batch }] };
        return architecture is null ? options : options with { Architecture = architecture };
    }

    /// <summary>Does a step and waits for its losses.</summary>
    public StepLosses Step(PixelTensor batch)
    {
        _plan.MoveNext();
        _unread.Add(_step.Run(_plan.Current, batch));
        return _unread.Read()[0].Losses;
    }

    /// <summary>The noise of the run's first steps, [steps, N, nz, R/8, R/8].</summary>
    public Tensor Noise(int steps)
    {
        using var scope = NewDisposeScope();
        return stack(PlannedStep.Plan(_options).Take(steps).Select(at => _step.Noise(at, at.Stage.BatchSize)).ToList()).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _plan.Dispose();
        _objective.Dispose();
        _state.Dispose();
        _sync.Dispose();
        _scope.Dispose();
    }
}
