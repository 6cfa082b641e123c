using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace LiteVae;

/// <summary>Turns a column of latents into a column of images, or of pixels.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator Characteristics</term></listheader>
/// <item><term>Does this estimator need to look at the data to train its parameters?</term><description>No</description></item>
/// <item><term>Input column data type</term><description>Vector of <see cref="float"/>, [nz, H / f, W / f], with the model's downsampling factor f</description></item>
/// <item><term>Output column data type</term><description>MLImage of H x W, or vector of <see cref="float"/>, [3, H, W]</description></item>
/// <item><term>Exportable to ONNX</term><description>No; the model is an ONNX file already</description></item>
/// </list>
/// Thread-safe. It holds no model: each transformer that it fits loads, and owns, its own.
/// </remarks>
public sealed class LiteVaeDecodingEstimator : IEstimator<LiteVaeDecodingTransformer>
{
    private readonly IHost _host;
    private readonly string _outputColumnName;
    private readonly string _inputColumnName;
    private readonly LiteVaeDecodeOptions _options;
    private readonly LiteVaeConfig _config;

    internal LiteVaeDecodingEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, LiteVaeDecodeOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(inputColumnName);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_outputColumnName, _inputColumnName, _options) = (outputColumnName, inputColumnName, options);
        _host = environment.Register(nameof(LiteVaeDecodingEstimator));
        _config = ModelFolder.Open(options.Model).Config;
        options.RequireFit(_config);
    }

    /// <summary>Makes the transformer, and checks the data's schema. The caller disposes the transformer.</summary>
    /// <param name="input">The data; only its schema is looked at.</param>
    /// <exception cref="ArgumentOutOfRangeException">The latent column is missing, or no vector of floats.</exception>
    /// <exception cref="ArgumentException">The size of the images is not known, or does not fit the column.</exception>
    public LiteVaeDecodingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        LatentShape.Of(SchemaColumns.Find(input.Schema, _inputColumnName), _options, _config);
        return new LiteVaeDecodingTransformer(_host, _outputColumnName, _inputColumnName, _options, LiteVaeModel.Load(_options.Model, _options.ModelOptions));
    }

    /// <summary>The shape of the schema behind this estimator.</summary>
    /// <param name="inputSchema">The shape before.</param>
    /// <exception cref="ArgumentOutOfRangeException">The latent column is missing, or no vector of floats.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var column = SchemaShapes.Find(inputSchema, _inputColumnName);
        if (!LatentShape.Fits(column.Kind != SchemaShape.Column.VectorKind.Scalar, column.ItemType))
        {
            throw LatentShape.Misfit(_inputColumnName, column.GetTypeString());
        }

        // A shape does not say how long its vectors are, so neither does it say how large the images will be.
        var output = _options is { Width: { } width, Height: { } height }
            ? DecodedColumn.Create(_outputColumnName, _options.Output, width, height)
            : DecodedColumn.CreateForShape(_outputColumnName, _options.Output);
        return SchemaShapes.Append(inputSchema, [output]);
    }
}
