using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace LiteVae;

/// <summary>Appends a column of images to data with a column of latents. Made by <see cref="LiteVaeDecodingEstimator"/>.</summary>
/// <remarks>
/// Thread-safe: data views, cursors and prediction engines made from it may be used on different threads and share one model. Whoever fitted it disposes it;
/// cursors that are open then may be read to their end.
/// </remarks>
public sealed class LiteVaeDecodingTransformer : ITransformer, IDisposable
{
    private readonly string _outputColumnName;
    private readonly string _inputColumnName;
    private readonly LiteVaeDecodeOptions _options;
    private readonly BatchingSettings _settings;

    internal LiteVaeDecodingTransformer(IHost host, string outputColumnName, string inputColumnName, LiteVaeDecodeOptions options)
    {
        (_outputColumnName, _inputColumnName, _options) = (outputColumnName, inputColumnName, options);
        _settings = BatchingSettings.From(host, options);
        Model = LiteVaeModel.Load(options.Model, options.ModelOptions);
    }

    /// <summary>The model, which this transformer owns.</summary>
    internal LiteVaeModel Model { get; }

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

    void ICanSaveModel.Save(ModelSaveContext ctx) => throw Unsaved.Error(nameof(LiteVaeCatalog.LiteVaeDecode));

    private BoundRecipe Bind(DataViewSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var column = SchemaColumns.Find(schema, _inputColumnName);
        var shape = LatentShape.Of(column, _options, Model.Config);
        var scaling = _options.ScaledLatents ?? LatentColumn.IsScaled(column) ?? false ? LatentScaling.From(Model.Config) : null;
        var factor = Model.Config.DownsamplingFactor;
        var output = new DataViewSchema.DetachedColumn(_outputColumnName, new ImageDataViewType(shape.Height * factor, shape.Width * factor));
        return new BoundRecipe(new SchemaColumns(schema, [column], [output]), Open);

        IBatchWorker Open(DataViewRow input, int capacity, bool keepModel) => new DecodeWorker(
            new ModelUse(Model, encodes: false, decodes: true, keepModel), scaling, shape, input, column, capacity);
    }
}
