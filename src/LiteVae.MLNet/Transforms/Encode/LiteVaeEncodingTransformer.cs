using LiteVae;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(LiteVaeEncodingTransformer), null, typeof(SignatureLoadModel), "LiteVAE encode", nameof(LiteVaeCatalog.LiteVaeEncode))]

namespace LiteVae;

/// <summary>Appends a column of latents to data with a column of images. Made by <see cref="LiteVaeEncodingEstimator"/>.</summary>
/// <remarks>
/// Thread-safe: data views, cursors and prediction engines made from it may be used on different threads and share one model. Whoever fitted it disposes it;
/// cursors that are open then may be read to their end.
/// </remarks>
public sealed class LiteVaeEncodingTransformer : ITransformer, IDisposable
{
    private static readonly ModelZip Zip = new(nameof(LiteVaeCatalog.LiteVaeEncode), "LITEVENC", encodes: true, decodes: false);

    private readonly string _outputColumnName;
    private readonly string _inputColumnName;
    private readonly LiteVaeEncodeOptions _options;
    private readonly BatchingSettings _settings;

    /// <summary>Takes over the model.</summary>
    internal LiteVaeEncodingTransformer(IHostEnvironment environment, string outputColumnName, string inputColumnName, LiteVaeEncodeOptions options, LiteVaeModel model)
    {
        (_outputColumnName, _inputColumnName, _options) = (outputColumnName, inputColumnName, options);
        _settings = new BatchingSettings(environment.Register(nameof(LiteVaeEncodingTransformer)), options);
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
    /// <exception cref="ArgumentOutOfRangeException">The image column, or the key column, is missing, or of a type that cannot be used.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).Columns.Output;

    /// <summary>The data with the column appended. Nothing is computed until it is read.</summary>
    /// <param name="input">The data.</param>
    /// <exception cref="ArgumentOutOfRangeException">The image column, or the key column, is missing, or of a type that cannot be used.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new BatchingDataView(input, Bind(input.Schema), _settings);
    }

    /// <summary>The same for single rows, as PredictionEngine needs it.</summary>
    /// <param name="inputSchema">The schema of the rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">The image column, or the key column, is missing, or of a type that cannot be used.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new BatchingRowMapper(Bind(inputSchema), _settings);

    /// <summary>Gives the model back once the last open cursor is done.</summary>
    public void Dispose() => Model.Dispose();

    void ICanSaveModel.Save(ModelSaveContext ctx) =>
        Zip.Save(ctx, _outputColumnName, _inputColumnName, _options, Model);

    // ML.NET finds it by name and parameters.
    private static LiteVaeEncodingTransformer Create(IHostEnvironment environment, ModelLoadContext context)
    {
        var saved = Zip.Load<LiteVaeEncodeOptions>(environment, context);
        return new LiteVaeEncodingTransformer(environment, saved.OutputColumnName, saved.InputColumnName, saved.Options, saved.CreateModel());
    }

    private BoundRecipe Bind(DataViewSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var column = ImageColumn.Find(schema, _inputColumnName);
        var key = SampleKey.Find(schema, _options.UsedKeyColumn);
        var output = LatentColumn.Create(_outputColumnName, _options, Model.Config, () => Model.EncoderSha256);
        var length = ((VectorDataViewType)output.Type).Size;
        return new BoundRecipe(new SchemaColumns(schema, key is { } found ? [column, found] : [column], [output]), Open);

        IBatchWorker Open(DataViewRow input, int capacity, bool keepModel) => new EncodeWorker(
            new ModelUse(Model, encodes: true, decodes: false, keepModel), Model.Config, _options, length, input, column, key, capacity);
    }
}
