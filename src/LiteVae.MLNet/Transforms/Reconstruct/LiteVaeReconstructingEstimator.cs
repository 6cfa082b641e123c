using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace LiteVae;

/// <summary>Turns a column of images into a column of their reconstructions, with optional columns of how close these are: PSNR and SSIM.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator Characteristics</term></listheader>
/// <item><term>Does this estimator need to look at the data to train its parameters?</term><description>No</description></item>
/// <item><term>Input column data type</term><description>MLImage, text (a path) or a vector of bytes (an image file)</description></item>
/// <item><term>Output column data type</term><description>MLImage; <see cref="float"/> for PSNR and SSIM</description></item>
/// <item><term>Exportable to ONNX</term><description>No; the model is an ONNX file already</description></item>
/// </list>
/// Thread-safe. It holds no model: each transformer that it fits loads, and owns, its own.
/// </remarks>
public sealed class LiteVaeReconstructingEstimator : IEstimator<LiteVaeReconstructingTransformer>
{
    private readonly IHost _host;
    private readonly string _outputColumnName;
    private readonly string _inputColumnName;
    private readonly LiteVaeReconstructOptions _options;

    internal LiteVaeReconstructingEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, LiteVaeReconstructOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(inputColumnName);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (outputColumnName == options.PsnrColumn || outputColumnName == options.SsimColumn)
        {
            throw new ArgumentException(
                $"{nameof(LiteVaeReconstructOptions)}: PsnrColumn or SsimColumn is '{outputColumnName}', the name of the column of reconstructions, which it would hide; give them different names.", nameof(options));
        }

        (_outputColumnName, _inputColumnName, _options) = (outputColumnName, inputColumnName, options);
        _host = environment.Register(nameof(LiteVaeReconstructingEstimator));
        options.RequireFit(ModelFolder.Open(options.Model).Config);
    }

    /// <summary>Makes the transformer, and checks the data's schema. The caller disposes the transformer.</summary>
    /// <param name="input">The data; only its schema is looked at.</param>
    /// <exception cref="ArgumentOutOfRangeException">The image column is missing, or of a type that holds no images.</exception>
    public LiteVaeReconstructingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        ImageColumn.Find(input.Schema, _inputColumnName);
        return new LiteVaeReconstructingTransformer(_host, _outputColumnName, _inputColumnName, _options, LiteVaeModel.Load(_options.Model, _options.ModelOptions));
    }

    /// <summary>The shape of the schema behind this estimator.</summary>
    /// <param name="inputSchema">The shape before.</param>
    /// <exception cref="ArgumentOutOfRangeException">The image column is missing, or of a type that holds no images.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ImageColumn.Require(inputSchema, _inputColumnName);
        return SchemaShapes.Append(inputSchema, [.. ReconstructedColumns.Create(_outputColumnName, _options).Select(output => output.Column)]);
    }
}
