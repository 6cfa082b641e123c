using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace LiteVae.Training;

/// <summary>Trains an autoencoder on a column of images, and turns the column into latents with it.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator Characteristics</term></listheader>
/// <item><term>Does this estimator need to look at the data to train its parameters?</term><description>Yes, many times; it keeps its own copy of images that are no files</description></item>
/// <item><term>Input column data type</term><description>MLImage, text (a path) or a vector of bytes (an image file)</description></item>
/// <item><term>Output column data type</term><description>Vector of <see cref="float"/>, [nz, H / 8, W / 8], or of variable size at native size</description></item>
/// <item><term>Exportable to ONNX</term><description>The trained model is exported, into the run folder</description></item>
/// </list>
/// The run folder is that of <see cref="LiteVaeTrainer"/>, with the list of images, <c>images.txt</c>, and the exported model, <c>model/</c>, which <c>LiteVaeModel.Load</c> and every
/// command of <c>litevae</c> take. Fitting again goes on where a run was stopped or killed, and where it was finished exports its model again without training. Training needs libtorch; the transformer does not.
/// Not thread-safe: one fit at a time in one run folder.
/// </remarks>
public sealed class LiteVaeTrainingEstimator : IEstimator<LiteVaeEncodingTransformer>
{
    private readonly IHost _host;
    private readonly string _outputColumnName;
    private readonly string _inputColumnName;
    private readonly LiteVaeTrainOptions _options;

    internal LiteVaeTrainingEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, LiteVaeTrainOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(inputColumnName);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_outputColumnName, _inputColumnName, _options) = (outputColumnName, inputColumnName, options);
        _host = environment.Register(nameof(LiteVaeTrainingEstimator));
        options.Encode.RequireFit(Config());
    }

    private string ModelPath => Path.Combine(_options.Trainer.Output, "model");

    /// <summary>Trains, exports the averaged weights, and makes the transformer. The caller disposes the transformer.</summary>
    /// <param name="input">The images. Rows without one are left out, and so are files that cannot be read: ML.NET's log names them.</param>
    /// <exception cref="ArgumentOutOfRangeException">The image column is missing, or of a type that holds no images.</exception>
    /// <exception cref="InvalidDataException">There is no image that can be read.</exception>
    /// <exception cref="InvalidOperationException">The run folder holds a run on other images or with other options, the device is not there, or this is one of several processes.</exception>
    /// <exception cref="IOException">The run folder's <c>model</c> is something else than an exported model, or the folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the run can be resumed.</exception>
    /// <exception cref="TrainingDivergedException">A loss or gradient is not finite.</exception>
    public LiteVaeEncodingTransformer Fit(IDataView input)
    {
        // the images
        ArgumentNullException.ThrowIfNull(input);
        var column = ImageColumn.Find(input.Schema, _inputColumnName);
        SampleKey.Find(input.Schema, _options.Encode.UsedKeyColumn);
        OnnxExporter.RequireFree(ModelPath);
        ResumableRun.Require(_options.Trainer);
        LiteVaeTrainer.FindDevice(_options.Trainer.Device);
        if (ParallelLaunch.Read(Environment.GetEnvironmentVariable) is { Ranks: > 1 } launch)
        {
            throw new InvalidOperationException($"{launch.Launcher} started this as one of {launch.Ranks} processes, which would all fit into {_options.Trainer.Output}: fit in one process, or train with LiteVaeTrainer or `litevae train`.");
        }

        using var channel = _host.Start("Train");
        var trainer = _options.Trainer with { Data = new TrainingImages(_options.Trainer.Output, channel, _options.CancellationToken).Collect(input, column) };

        // the training
        var reports = new TrainingReports(channel, _options.Progress);
        var checkpoint = new LiteVaeTrainer(trainer) { OnImageFailure = reports.AddFailure, OnWarning = reports.AddWarning }.Train(resume: true, reports, _options.CancellationToken);
        reports.WriteWarnings();
        if (checkpoint != new CheckpointFolder(trainer.Output).PathOf(trainer.TotalSteps))
        {
            throw new OperationCanceledException($"The training was cancelled; its newest checkpoint is {checkpoint}. Fit again with the same options to go on.", _options.CancellationToken);
        }

        // the model
        Export(checkpoint, trainer);
        var encode = _options.Encode with { Model = ModelPath };
        return new LiteVaeEncodingEstimator(_host, _outputColumnName, _inputColumnName, encode).Fit(input);
    }

    /// <summary>The shape of the schema behind this estimator.</summary>
    /// <param name="inputSchema">The shape before.</param>
    /// <exception cref="ArgumentOutOfRangeException">The image column, or the key column, is missing, or of a type that cannot be used.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return LatentColumn.Propagate(inputSchema, _outputColumnName, _inputColumnName, _options.Encode, Config());
    }

    private LiteVaeConfig Config(LatentStatistics? latents = null) =>
        RunExport.Config(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(_options.Trainer.Output))), _options.Trainer.Architecture, latents);

    private void Export(string checkpoint, LiteVaeTrainerOptions trainer)
    {
        var (network, _, step) = Checkpoint.LoadAverage(checkpoint);
        using var owned = network;
        var latents = LatentMeasurement.Measure(network, trainer.Data, cancellation: _options.CancellationToken);
        OnnxExporter.Export(network, Config(latents), ModelPath, new ModelCard { Training = RunExport.Describe(trainer, step) }, cancellation: _options.CancellationToken);
    }
}
