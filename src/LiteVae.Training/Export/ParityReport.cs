using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LiteVae.Training;

/// <summary>How far the exported ONNX files, run by ONNX Runtime, are from the network they were exported from, run by TorchSharp.</summary>
/// <remarks>
/// Errors are absolute differences of single output values. <see cref="ParityRow.Scale"/> is the larger of 1 and the standard
/// deviation of TorchSharp's output; the tolerance applies to error / scale, so that outputs of unit scale or less are held to the
/// tolerance itself, and larger ones to the same number of correct digits.
/// </remarks>
/// <param name="Tolerance">The largest allowed error / scale.</param>
/// <param name="Runtime">What ran the exported files.</param>
/// <param name="Reference">What ran the network.</param>
/// <param name="Rows">One row for each part, batch and size.</param>
public sealed record ParityReport(double Tolerance, string Runtime, string Reference, IReadOnlyList<ParityRow> Rows)
{
    /// <summary>The largest maximum error / scale of all rows; NaN where an output was not finite.</summary>
    public double WorstError => Rows.Select(row => row.MaxError / row.Scale).Aggregate(0.0, Math.Max);

    /// <summary>Whether every row is within the tolerance. False where an output was not finite.</summary>
    public bool Passed => WorstError <= Tolerance;

    /// <summary>The report as indented JSON, as in <c>parity.json</c>.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ParityJson.Default.ParityReport);

    /// <summary>The report as a table for a terminal or a model card (GitHub Markdown).</summary>
    public string ToTable()
    {
        var table = new StringBuilder();
        table.Append("| part | batch | image | scale | max error | mean error |\n");
        table.Append("|---|---:|---:|---:|---:|---:|\n");
        foreach (var row in Rows)
        {
            table.Append(CultureInfo.InvariantCulture, $"| {row.Part} | {row.Batch} | {row.Width} x {row.Height} | {row.Scale:F2} | {row.MaxError:0.0E+0} | {row.MeanError:0.0E+0} |\n");
        }

        return table.ToString();
    }
}

/// <summary>One comparison of a <see cref="ParityReport"/>.</summary>
/// <param name="Part"><c>encoder</c> or <c>decoder</c>.</param>
/// <param name="Batch">Images in the batch.</param>
/// <param name="Height">Height of the image in pixels.</param>
/// <param name="Width">Width of the image in pixels.</param>
/// <param name="Scale">The larger of 1 and the standard deviation of TorchSharp's output.</param>
/// <param name="MaxError">Largest absolute difference of two output values.</param>
/// <param name="MeanError">Mean absolute difference of the output values.</param>
public sealed record ParityRow(string Part, int Batch, int Height, int Width, double Scale, double MaxError, double MeanError);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    WriteIndented = true)]
[JsonSerializable(typeof(ParityReport))]
internal sealed partial class ParityJson : JsonSerializerContext;
