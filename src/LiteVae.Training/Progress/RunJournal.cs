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
    private readonly ImageFolder _images;
    private readonly Device _device;
    private readonly SamplePicture _picture;
    private readonly Evaluator? _evaluator;
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
    private double _bestPsnr;

    /// <summary>Begins, or goes on, after so many steps.</summary>
    /// <exception cref="InvalidDataException">There are no held-out images where they are said to be.</exception>
    public RunJournal(
        LiteVaeTrainerOptions options, TrainingState state, Checkpoint checkpoint, CheckpointFolder checkpoints, ImageFolder images, Lpips? lpips, Device device, long stepsDone)
    {
        (_options, _state, _checkpoint, _checkpoints, _images, _device) = (options, state, checkpoint, checkpoints, images, device);
        _picture = new SamplePicture(images);
        _evaluator = options.Evaluation.Data is { } data
            ? new Evaluator(new ImageFolder(data, options.Evaluation.Images), options.Evaluation.Size) { Lpips = lpips is null ? null : lpips.Distances }
            : null;

        Directory.CreateDirectory(At("samples"));
        AtomicFile.WriteAllText(At("options.json"), options.ToJson());
        (_log, _evaluations) = (new(At("log.jsonl"), LogJson.Default.TrainingProgress), new(At("evaluation.jsonl"), LogJson.Default.TrainingEvaluation));
        _warnings = new(At("warnings.jsonl"), LogJson.Default.ReportWarning);
        _log.Keep(line => line.StepsDone <= stepsDone);
        _evaluations.Keep(line => line.StepsDone <= stepsDone);
        _warnings.Keep(line => line.Step <= stepsDone);
        _latest = _evaluations.Read().LastOrDefault();
        _bestPsnr = _evaluations.Read().Max(line => line.Psnr) ?? 0;
        _tensorBoard = new TensorBoardLog(At("tensorboard"), stepsDone);
        _report = new RunReport(At("report.html"));
        Report(stepsDone, RunState.Running);
    }

    /// <summary>Told of every line of the log.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Told of every warning, with its step.</summary>
    public Action<string>? OnWarning { get; init; }

    /// <summary>Takes a step's losses, and writes them into the log where that is due.</summary>
    /// <param name="losses">The losses.</param>
    /// <param name="stage">The step's stage.</param>
    /// <param name="steps">Steps since the last call.</param>
    /// <param name="waited">Time that the run has waited for images so far.</param>
    /// <param name="log">Whether a line of the log is due.</param>
    public void Step(StepLosses losses, TrainingStage stage, int steps, TimeSpan waited, bool log)
    {
        _imagesSeen += (long)steps * stage.BatchSize;
        Warn(losses.Step + 1, _watch.Step(losses, stage));
        if (!log)
        {
            return;
        }

        var (seconds, done) = (_clock.Elapsed.TotalSeconds, losses.Step + 1);
        var line = new TrainingProgress(
            losses, done, _options.TotalSteps, _imagesSeen / seconds, (waited - _waited).TotalSeconds / seconds,
            seconds * stage.BatchSize / _imagesSeen * (_options.TotalSteps - done), _images.FailureCount, _latest);
        _log.Append(line);
        Plot(RunCurves.Log, line, done);
        Progress?.Report(line);
        (_waited, _imagesSeen) = (waited, 0);
        _clock.Restart();
    }

    /// <summary>Draws and evaluates where that is due.</summary>
    public void Look(long done)
    {
        _clock.Stop(); // this is not the training's speed
        var last = done == _options.TotalSteps;
        if (_evaluator is not null && (last || done % _options.Evaluation.Every == 0))
        {
            Evaluate(done);
        }

        if (last || done % _options.SampleEvery == 0)
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

    private void Evaluate(long done)
    {
        var found = _evaluator!.Run(_state.Average, _device);
        _latest = new TrainingEvaluation(
            done, found.Images, found.Unreadable, found.Psnr, found.Ssim, found.Lpips, found.Latents.Deviation, found.Latents.DeadChannels, found.Latents.Kl);
        _evaluations.Append(_latest);
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
