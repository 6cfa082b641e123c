using System.Diagnostics;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>All that a run tells of itself as it goes: log, TensorBoard, pictures, evaluations, warnings, the report, and what its caller is told.</summary>
/// <remarks>Everything is as of a step: what was told of steps that a resumed run does again is taken back when it begins.</remarks>
internal sealed class RunJournal : IDisposable
{
    private readonly LiteVaeTrainerOptions _options;
    private readonly TrainingState _state;
    private readonly Checkpoint _checkpoint;
    private readonly CheckpointFolder _checkpoints;
    private readonly Device _device;
    private readonly SamplePicture _picture;
    private readonly ImageFolder? _heldOut;
    private readonly Lpips? _lpips;
    private readonly DivergenceWatch _watch = new();
    private readonly JsonLines<TrainingProgress> _log;
    private readonly JsonLines<TrainingEvaluation> _evaluations;
    private readonly JsonLines<ReportWarning> _warnings;
    private readonly TensorBoardLog _tensorBoard;
    private readonly RunReport _report;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _waited;
    private long _imagesSeen;
    private TrainingEvaluation? _latest;
    private StepLosses _losses = new();
    private TrainingStage _stage;
    private double _bestPsnr;

    /// <summary>Begins, or goes on, after so many steps.</summary>
    /// <exception cref="InvalidDataException">There are no held-out images where they are said to be, or none that can be read.</exception>
    public RunJournal(
        LiteVaeTrainerOptions options, TrainingState state, Checkpoint checkpoint, CheckpointFolder checkpoints, ImageFolder images, Lpips? lpips, Device device, long stepsDone,
        Action<string>? onImageFailure = null)
    {
        (_options, _state, _checkpoint, _checkpoints, _device) = (options, state, checkpoint, checkpoints, device);
        _picture = new SamplePicture(images);
        _lpips = lpips;
        _heldOut = options.Evaluation.Data is { } data ? new ImageFolder(data, options.Evaluation.Images) { OnFailure = onImageFailure } : null;
        _ = _heldOut?.Load(0); // what cannot be read must not end the run at its first evaluation, hours from now
        _stage = options.Stages[0];

        Directory.CreateDirectory(At("samples"));
        AtomicFile.WriteAllText(At("options.json"), options.ToJson());
        (_log, _evaluations) = (new(At("log.jsonl"), LogJson.Default.TrainingProgress), new(At("evaluation.jsonl"), LogJson.Default.TrainingEvaluation));
        _warnings = new(At("warnings.jsonl"), LogJson.Default.ReportWarning);
        _log.Keep(line => line.StepsDone <= stepsDone);
        _evaluations.Keep(line => line.StepsDone <= stepsDone);
        _warnings.Keep(line => line.Step <= stepsDone);
        _latest = _evaluations.Read().LastOrDefault();
        var best = _evaluations.Read().MaxBy(line => line.Psnr);
        _bestPsnr = best is not null && checkpoints.BestStep() == best.StepsDone ? best.Psnr ?? 0 : 0; // one of steps to be done again is none
        _tensorBoard = new TensorBoardLog(At("tensorboard"), stepsDone);
        _report = new RunReport(At("report.html"));
        Report(stepsDone, RunState.Running);
    }

    /// <summary>Told of every line of the log.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Told of every warning, with its step.</summary>
    public Action<string>? OnWarning { get; init; }

    /// <summary>Takes a step's losses: those of every step, in order.</summary>
    public void Step(StepLosses losses, TrainingStage stage)
    {
        (_losses, _stage) = (losses, stage);
        _imagesSeen += stage.BatchSize;
        Warn(losses.Step + 1, _watch.Step(losses, stage));
    }

    /// <summary>Writes a line of the log, of the latest step.</summary>
    /// <param name="waited">Time that the run has waited for images so far.</param>
    /// <param name="failed">Training images that could not be read so far.</param>
    public void Log(TimeSpan waited, int failed)
    {
        var (seconds, done) = (_clock.Elapsed.TotalSeconds, _losses.Step + 1);
        var line = new TrainingProgress(
            _losses, done, _options.TotalSteps, _imagesSeen / seconds, (waited - _waited).TotalSeconds / seconds,
            seconds * _stage.BatchSize / _imagesSeen * (_options.TotalSteps - done), failed, _latest);
        _log.Append(line);
        Plot(RunCurves.Log, line, done);
        TrainingMetrics.Logged(line, _imagesSeen);
        Progress?.Report(line);
        (_waited, _imagesSeen) = (waited, 0);
        _clock.Restart();
    }

    /// <summary>Whether <see cref="Look"/> has something to do after so many steps.</summary>
    public static bool IsLookDue(LiteVaeTrainerOptions options, long done) => IsEvaluationDue(options, done) || IsPictureDue(options, done);

    private static bool IsEvaluationDue(LiteVaeTrainerOptions options, long done) =>
        options.Evaluation.Data is not null && (done == options.TotalSteps || done % options.Evaluation.Every == 0);

    private static bool IsPictureDue(LiteVaeTrainerOptions options, long done) => done == options.TotalSteps || done % options.SampleEvery == 0;

    /// <summary>Draws and evaluates where that is due.</summary>
    /// <param name="done">Steps done.</param>
    /// <param name="signOfLife">Called now and then while that takes time.</param>
    public void Look(long done, Action signOfLife)
    {
        _clock.Stop(); // this is not the training's speed
        if (IsEvaluationDue(_options, done))
        {
            Evaluate(done, signOfLife);
        }

        if (IsPictureDue(_options, done))
        {
            var picture = _picture.Draw(_state.Average, _device);
            PngFile.Save(At($"samples/step-{done:D8}.png"), picture);
            _tensorBoard.Image("reconstructions", picture, done);
            TrainingCurve.Save(At("curve.png"), _log.Read());
            Report(done, RunState.Running);
        }

        _clock.Start();
    }

    /// <summary>The run's last word.</summary>
    /// <param name="done">Steps done.</param>
    /// <param name="state">How it ended.</param>
    /// <param name="why">What went wrong, where something did.</param>
    public void End(long done, RunState state, TrainingDivergedException? why = null)
    {
        if (why is not null)
        {
            _warnings.Append(new ReportWarning(why.Step, why.Reason));
        }

        Report(done, state);
    }

    public void Dispose() => _tensorBoard.Dispose();

    private void Evaluate(long done, Action signOfLife)
    {
        var found = new Evaluator(_heldOut!, _options.Evaluation.Size) { Lpips = _lpips is null ? null : _lpips.Distances, OnImage = signOfLife }.Run(_state.Average, _device);
        _latest = TrainingEvaluation.Of(done, found);
        _evaluations.Append(_latest);
        TrainingMetrics.Evaluated(_latest.Psnr);
        Plot(RunCurves.Evaluation, _latest, done);
        Warn(done, _watch.Latents(found.Latents));
        if (found.Psnr > _bestPsnr)
        {
            _bestPsnr = found.Psnr.Value;
            _checkpoint.Save(_checkpoints.Best, done, _options);
        }
    }

    private void Report(long done, RunState state)
    {
        var log = _log.Read();
        _report.Write(new RunReportData
        {
            Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(_options.Output))),
            State = state,
            StepsDone = done,
            TotalSteps = _options.TotalSteps,
            SecondsLeft = log.LastOrDefault()?.SecondsLeft,
            OptionsJson = _options.ToJson(),
            Curves = [.. Curves(RunCurves.Evaluation, _evaluations.Read(), line => line.StepsDone), .. Curves(RunCurves.Log, log, line => line.StepsDone)],
            Pictures = [.. SamplesUntil(done).Select(sample => new ReportPicture(sample.Step, sample.Path))],
            Warnings = _warnings.Read(),
        });
    }

    private static IEnumerable<ReportCurve> Curves<T>(IEnumerable<RunCurve<T>> curves, IReadOnlyList<T> lines, Func<T, long> step) =>
        from curve in curves
        let points = lines.Where(line => curve.Of(line) is not null).Select(line => (step(line), curve.Of(line)!.Value)).ToList()
        where points.Count > 0
        select new ReportCurve(curve.Name, curve.Group, curve.Unit, points);

    // A resumed run overwrites the pictures of the steps that it does again; later ones are of no step that it has done.
    private IEnumerable<(long Step, string Path)> SamplesUntil(long done) =>
        Directory.EnumerateFiles(At("samples"), "step-*.png").Order(StringComparer.Ordinal)
            .Select(path => (Step: long.TryParse(Path.GetFileNameWithoutExtension(path).AsSpan(5), out var step) ? step : long.MaxValue, path))
            .Where(sample => sample.Step <= done);

    private void Plot<T>(IEnumerable<RunCurve<T>> curves, T line, long done)
    {
        foreach (var curve in curves)
        {
            if (curve.Of(line) is { } value)
            {
                _tensorBoard.Scalar($"{curve.Group}/{curve.Name}", value, done);
            }
        }

        _tensorBoard.Flush();
    }

    private void Warn(long done, IEnumerable<string> warnings)
    {
        foreach (var warning in warnings)
        {
            _warnings.Append(new ReportWarning(done, warning));
            OnWarning?.Invoke($"step {done}: {warning}");
        }
    }

    private string At(string name) => Path.Combine(_options.Output, name);
}
