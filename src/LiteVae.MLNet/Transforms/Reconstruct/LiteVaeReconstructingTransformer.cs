using LiteVae;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(LiteVaeReconstructingTransformer), null, typeof(SignatureLoadModel), "LiteVAE reconstruct", nameof(LiteVaeCatalog.LiteVaeReconstruct))]

namespace LiteVae;

/// <summary>Appends a column of reconstructed images, and columns of how close they are, to data with a column of images. Made by <see cref="LiteVaeReconstructingEstimator"/>.</summary>
/// <remarks>
/// Thread-safe: data views, cursors and prediction engines made from it may be used on different threads and share one model. Whoever fitted it disposes it;
/// cursors that are open then may be read to their end.
/// </remarks>
public sealed class LiteVaeReconstructingTransformer : ITransformer, IDisposable
{
    private static readonly ModelZip Zip = new(nameof(LiteVaeCatalog.LiteVaeReconstruct), "LITEVREC", encodes: true, decodes: true);

    private readonly string _outputColumnName;
    private readonly string _inputColumnName;
    private readonly LiteVaeReconstructOptions _options;
    private readonly BatchingSettings _settings;

    /// <summary>Takes over the model.</summary>
    internal LiteVaeReconstructingTransformer(IHostEnvironment environment, string outputColumnName, string inputColumnName, LiteVaeReconstructOptions options, LiteVaeModel model)
    {
        (_outputColumnName, _inputColumnName, _options) = (outputColumnName, inputColumnName, options);
        _settings = new BatchingSettings(environment.Register(nameof(LiteVaeReconstructingTransformer)), options);
        Model = model;
    }

    /// <summary>The model, which this transformer owns.</summary>
    internal LiteVaeModel Model { get; }

    /// <summary>Rows that became missing values so far, in everything that was read through this transformer, read ahead included; a row read twice counts twice. 0 unless <see cref="OnRowError.Missing"/> is asked for.</summary>
    public long MissingRows => _settings.MissingRows;

    /// <summary>True: every row is computed from itself alone.</summary>
    public bool IsRowToRowMapper => true;

    /// <summary>The schema of the transformed data.</summary>
    /// <param name="inputSchema">The schema of the data.</param>
    /// <exception cref="ArgumentOutOfRangeException">The image column is missing, or of a type that holds no images.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).Columns.Output;

    /// <summary>The data with the columns appended. Nothing is computed until it is read.</summary>
    /// <param name="input">The data.</param>
    /// <exception cref="ArgumentOutOfRangeException">The image column is missing, or of a type that holds no images.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new BatchingDataView(input, Bind(input.Schema), _settings);
    }

    /// <summary>The same for single rows, as PredictionEngine needs it.</summary>
    /// <param name="inputSchema">The schema of the rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">The image column is missing, or of a type that holds no images.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new BatchingRowMapper(Bind(inputSchema), _settings);

    /// <summary>Gives the model back once the last open cursor is done.</summary>
    public void Dispose() => Model.Dispose();

    void ICanSaveModel.Save(ModelSaveContext ctx) =>
        Zip.Save(ctx, _outputColumnName, _inputColumnName, _options, Model);

    // ML.NET finds it by name and parameters.
    private static LiteVaeReconstructingTransformer Create(IHostEnvironment environment, ModelLoadContext context)
    {
        var saved = Zip.Load<LiteVaeReconstructOptions>(environment, context);
        return new LiteVaeReconstructingTransformer(environment, saved.OutputColumnName, saved.InputColumnName, saved.Options, saved.CreateModel());
    }

    private BoundRecipe Bind(DataViewSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var column = ImageColumn.Find(schema, _inputColumnName);
        var outputs = ReconstructedColumns.Create(_outputColumnName, _options);
        return new BoundRecipe(new SchemaColumns(schema, [column], [.. outputs.Select(output => output.Column)]), Open);

        IBatchWorker Open(DataViewRow input, int capacity, bool keepModel)
        {
            var images = new ImageBatch(input, column, _options.Sizing, Model.Config.DownsamplingFactor, capacity);
            return new ReconstructWorker(
                new ModelUse(Model, encodes: true, decodes: true, keepModel), images, [.. outputs.Select(output => output.Value)], capacity);
        }
    }
}
