using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace LiteVae;

/// <summary>Turns a column of images into a column of latents.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator Characteristics</term></listheader>
/// <item><term>Does this estimator need to look at the data to train its parameters?</term><description>No</description></item>
/// <item><term>Input column data type</term><description>MLImage, text (a path) or a vector of bytes (an image file)</description></item>
/// <item><term>Output column data type</term><description>Vector of <see cref="float"/>, [nz, H / f, W / f] with the model's downsampling factor f, or of variable size at native size</description></item>
/// <item><term>Exportable to ONNX</term><description>No; the model is an ONNX file already</description></item>
/// </list>
/// Thread-safe. It holds no model: each transformer that it fits loads, and owns, its own.
/// </remarks>
public sealed class LiteVaeEncodingEstimator : IEstimator<LiteVaeEncodingTransformer>
{
    private readonly IHost _host;
    private readonly string _outputColumnName;
    private readonly string _inputColumnName;
    private readonly LiteVaeEncodeOptions _options;
    private readonly LiteVaeConfig _config;

    internal LiteVaeEncodingEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, LiteVaeEncodeOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(inputColumnName);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_outputColumnName, _inputColumnName, _options) = (outputColumnName, inputColumnName, options);
        _host = environment.Register(nameof(LiteVaeEncodingEstimator));
        _config = ModelFolder.Open(options.Model).Config;
        options.RequireFit(_config);
    }

    /// <summary>Makes the transformer, and checks the data's schema. The caller disposes the transformer.</summary>
    /// <param name="input">The data; only its schema is looked at.</param>
    /// <exception cref="ArgumentOutOfRangeException">The image column, or the key column, is missing, or of a type that cannot be used.</exception>
    public LiteVaeEncodingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        ImageColumn.Find(input.Schema, _inputColumnName);
        SampleKey.Find(input.Schema, _options.UsedKeyColumn);
        return new LiteVaeEncodingTransformer(_host, _outputColumnName, _inputColumnName, _options, LiteVaeModel.Load(_options.Model, _options.ModelOptions));
    }

    /// <summary>The shape of the schema behind this estimator.</summary>
    /// <param name="inputSchema">The shape before.</param>
    /// <exception cref="ArgumentOutOfRangeException">The image column, or the key column, is missing, or of a type that cannot be used.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return LatentColumn.Propagate(inputSchema, _outputColumnName, _inputColumnName, _options, _config);
    }
}
