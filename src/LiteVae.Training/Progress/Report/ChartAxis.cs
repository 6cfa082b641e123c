using System.Globalization;

namespace LiteVae.Training;

/// <summary>Maps values to 0 (low end) to 1 (high end), linear or logarithmic, with round numbers to label.</summary>
internal sealed class ChartAxis
{
    /// <summary>From this ratio of largest to smallest on, a linear axis would press most of a curve onto its floor.</summary>
    private const double LogarithmicFrom = 50;

    private const double Padding = 0.05;

    /// <summary>What is smaller is 0 to a reader, and what is left of a tick there.</summary>
    private const double Nothing = 1e-15;

    private const int MaxTicks = 5;

    private readonly double _low;
    private readonly double _high;

    private ChartAxis(double low, double high, bool logarithmic)
    {
        (_low, _high, IsLogarithmic) = (low, high, logarithmic);
    }

    /// <summary>Whether equal ratios take equal lengths.</summary>
    public bool IsLogarithmic { get; }

    /// <summary>An axis for steps, from 0.</summary>
    public static ChartAxis Steps(long last) => new(0, Math.Max(1, last), logarithmic: false);

    /// <summary>An axis for finite values; logarithmic where they are positive and far apart.</summary>
    public static ChartAxis Values(double min, double max)
    {
        var logarithmic = min > 0 && max / min >= LogarithmicFrom;
        var (low, high) = logarithmic ? (Math.Log10(min), Math.Log10(max)) : (min, max);
        var size = Math.Max(Math.Abs(low), Math.Abs(high));
        var margin = size < Nothing ? 1
            : high - low > 1e-9 * size ? Padding * (high - low)
            : size / 2; // all values are alike, but for rounding
        return new(Math.Max(low - margin, -double.MaxValue / 4), Math.Min(high + margin, double.MaxValue / 4), logarithmic);
    }

    /// <summary>Where a value lies, 0 to 1.</summary>
    public double At(double value) => Math.Clamp(((IsLogarithmic ? Math.Log10(value) : value) - _low) / (_high - _low), 0, 1);

    /// <summary>A few round values on the axis.</summary>
    public IEnumerable<double> Ticks()
    {
        var spacing = Round((_high - _low) / MaxTicks);
        if (!IsLogarithmic)
        {
            var first = Math.Ceiling(_low / spacing);
            for (var i = 0; i <= MaxTicks && (first + i) * spacing <= _high; i++)
            {
                yield return (first + i) * spacing;
            }
        }
        else
        {
            // powers of ten, with 2 and 5 between them where there are few
            var each = (int)Math.Max(1, spacing);
            double[] digits = _high - _low < 2.5 ? [1, 2, 5] : [1];
            for (var power = (int)Math.Floor(_low); power <= _high; power += each)
            {
                foreach (var digit in digits.Where(d => power + Math.Log10(d) is var at && at >= _low && at <= _high))
                {
                    yield return digit * Math.Pow(10, power);
                }
            }
        }
    }

    /// <summary>A number for a reader, four digits of it.</summary>
    public static string Show(double value) => Math.Abs(value) switch
    {
        < Nothing => "0",
        < 1e-3 or >= 999_950_000 => value.ToString("0.###e0", CultureInfo.InvariantCulture),
        >= 999_950 => (value / 1e6).ToString("G4", CultureInfo.InvariantCulture) + "M",
        >= 9_999.5 => (value / 1e3).ToString("G4", CultureInfo.InvariantCulture) + "k",
        _ => value.ToString("G4", CultureInfo.InvariantCulture),
    };

    private static double Round(double spacing)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(spacing)));
        return (spacing / power) switch { <= 1 => 1, <= 2 => 2, <= 2.5 => 2.5, <= 5 => 5, _ => 10 } * power;
    }
}
