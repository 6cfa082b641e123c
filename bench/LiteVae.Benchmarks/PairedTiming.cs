using System.Diagnostics;

namespace LiteVae.Benchmarks;

/// <summary>
/// Times two ways to do the same work, turn by turn. One after the other, as a benchmark runner would do it, whatever else the machine begins or ends in
/// between would go into their ratio.
/// </summary>
/// <param name="First">Seconds of each round of the first way.</param>
/// <param name="Second">Seconds of each round of the second way.</param>
internal sealed record PairedTiming(double[] First, double[] Second)
{
    /// <summary>How many times as fast the first way is as the second: the ratio of their medians.</summary>
    public double Speed => Median(Second) / Median(First);

    /// <summary>The quartiles of the rounds' own ratios: how far <see cref="Speed"/> can be believed.</summary>
    public (double Low, double High) Spread
    {
        get
        {
            double[] ratios = [.. First.Zip(Second, (first, second) => second / first).Order()];
            return (Quantile(ratios, 0.25), Quantile(ratios, 0.75));
        }
    }

    /// <summary>Runs each way once to warm up, then both in every round, the one that begins taking turns too.</summary>
    public static PairedTiming Measure(Action first, Action second, int rounds)
    {
        first();
        second();
        var timing = new PairedTiming(new double[rounds], new double[rounds]);
        for (var round = 0; round < rounds; round++)
        {
            if (round % 2 == 0)
            {
                timing.First[round] = Seconds(first);
                timing.Second[round] = Seconds(second);
            }
            else
            {
                timing.Second[round] = Seconds(second);
                timing.First[round] = Seconds(first);
            }
        }

        return timing;
    }

    public static double Median(double[] values) => Quantile([.. values.Order()], 0.5);

    private static double Quantile(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }

    private static double Seconds(Action action)
    {
        // What one way leaves to the collector is not the other's to pay.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
