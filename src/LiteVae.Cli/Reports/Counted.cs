using System.Globalization;

namespace LiteVae.Cli.Reports;

/// <summary>A number and what it counts, as a sentence has them.</summary>
internal static class Counted
{
    /// <summary>"1 image", "2,000 images".</summary>
    /// <param name="count">How many.</param>
    /// <param name="noun">Of what, in the singular; its plural takes an s.</param>
    public static string Of(long count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? "" : "s")}");
}
