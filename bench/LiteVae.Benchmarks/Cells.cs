using System.Globalization;

namespace LiteVae.Benchmarks;

/// <summary>Figures as the tables show them.</summary>
internal static class Cells
{
    /// <summary>Both ways' milliseconds an image, the ratio, the middle half of the rounds' ratios.</summary>
    public static string[] Of(PairedTiming timing, int images) =>
    [
        Number(1000 * PairedTiming.Median(timing.First) / images, 1),
        Number(1000 * PairedTiming.Median(timing.Second) / images, 1),
        Number(timing.Speed, 3),
        $"{Number(timing.Spread.Low, 3)} to {Number(timing.Spread.High, 3)}",
    ];

    public static string Number(double value, int decimals) => value.ToString($"F{decimals}", CultureInfo.InvariantCulture);

    /// <summary>Bytes as megabytes.</summary>
    public static string Megabytes(double bytes, int decimals = 1) => Number(bytes / 1e6, decimals);
}
