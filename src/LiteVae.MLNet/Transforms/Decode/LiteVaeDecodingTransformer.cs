using LiteVae;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(LiteVaeDecodingTransformer), null, typeof(SignatureLoadModel), "LiteVAE decode", nameof(LiteVaeCatalog.LiteVaeDecode))]

namespace LiteVae;

/// <summary>Appends a column of images to data with a column of latents. Made by <see cref="LiteVaeDecodingEstimator"/>.</summary>
/// <remarks>
/// Thread-safe: data views, cursors and prediction engines made from it may be used on different threads and share one model. Whoever fitted it disposes it;
/// cursors that are open then may be read to their end.
/// </remarks>
public sealed class LiteVaeDecodingTransformer : ITransformer, IDisposable
{
    private static readonly ModelZip Zip = new(nameof(LiteVaeCatalog.LiteVaeDecode), "LITEVDEC", encodes: false, decodes: true);

    private readonly string _outputColumnName;
    private readonly string _inputColumnName;
    private readonly LiteVaeDecodeOptions _options;
    private readonly BatchingSettings _settings;

    /// <summary>Takes over the model.</summary>
    internal LiteVaeDecodingTransformer(IHostEnvironment environment, string outputColumnName, string inputColumnName, LiteVaeDecodeOptions options, LiteVaeModel model)
    {
        (_outputColumnName, _inputColumnName, _options) = (outputColumnName, inputColumnName, options);
        _settings = new BatchingSettings(environment.Register(nameof(LiteVaeDecodingTransformer)), options);
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
    /// <exception cref="ArgumentOutOfRangeException">The latent column is missing, or no vector of floats.</exception>
    /// <exception cref="ArgumentException">The size of the images is not known, or does not fit the column.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).Columns.Output;

    /// <summary>The data with the column appended. Nothing is computed until it is read.</summary>
    /// <param name="input">The data.</param>
    /// <exception cref="ArgumentOutOfRangeException">The latent column is missing, or no vector of floats.</exception>
    /// <exception cref="ArgumentException">The size of the images is not known, or does not fit the column.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new BatchingDataView(input, Bind(input.Schema), _settings);
    }

    /// <summary>The same for single rows, as PredictionEngine needs it.</summary>
    /// <param name="inputSchema">The schema of the rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">The latent column is missing, or no vector of floats.</exception>
    /// <exception cref="ArgumentException">The size of the images is not known, or does not fit the column.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new BatchingRowMapper(Bind(inputSchema), _settings);

    /// <summary>Gives the model back once the last open cursor is done.</summary>
    public void Dispose() => Model.Dispose();

    void ICanSaveModel.Save(ModelSaveContext ctx) =>
        Zip.Save(ctx, _outputColumnName, _inputColumnName, _options, Model);

    // ML.NET finds it by name and parameters.
    private static LiteVaeDecodingTransformer Create(IHostEnvironment environment, ModelLoadContext context)
    {
        var saved = Zip.Load<LiteVaeDecodeOptions>(environment, context);
        return new LiteVaeDecodingTransformer(environment, saved.OutputColumnName, saved.InputColumnName, saved.Options, saved.CreateModel());
    }

    private BoundRecipe Bind(DataViewSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var column = SchemaColumns.Find(schema, _inputColumnName);
        var shape = LatentShape.Of(column, _options, Model.Config);
        var isScaled = _options.ScaledLatents ?? LatentColumn.IsScaled(column) ?? false;
        var factor = Model.Config.DownsamplingFactor;
        var output = DecodedColumn.Create(_outputColumnName, _options.Output, shape.Width * factor, shape.Height * factor);
        return new BoundRecipe(new SchemaColumns(schema, [column], [output]), Open);

        IBatchWorker Open(DataViewRow input, int capacity, bool keepModel) => new DecodeWorker(
            new ModelUse(Model, encodes: false, decodes: true, keepModel), Model.Config, _options.Output, isScaled, shape, input, column, capacity);
    }
}
