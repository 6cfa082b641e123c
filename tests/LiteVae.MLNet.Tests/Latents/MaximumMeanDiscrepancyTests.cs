using System.Globalization;
using LiteVae.Tests.Shared;

namespace LiteVae.Tests.Latents;

public sealed class MaximumMeanDiscrepancyTests
{
    [Fact]
    public void Every_width_agrees_with_the_golden_table()
    {
        using var reader = SafetensorsReader.Open(SharedData.PathOrSkip("fixtures/metrics/mmd.safetensors"));
        var rows = File.ReadLines(SharedData.PathOrSkip("fixtures/metrics/mmd.csv")).Skip(1)
            .Select(line => line.Split(',').Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray()).ToList();
        Assert.Equal(4, rows.Count);

        var squared = MaximumMeanDiscrepancy.Squared(reader.ReadFloats("x"), reader.ReadFloats("y"), 32, [.. rows.Select(row => row[0])]);

        // The table was computed in single precision, in which a kernel near 1 is off by up to 6e-8, before and after exp; these are numpy's values in double precision.
        Assert.Equal(rows.Select(row => row[1]), squared, (a, b) => Math.Abs(a - b) <= 2e-7);
        Assert.Equal([0.01959202, 0.05462461, 0.01622894, 0.00174644], squared, (a, b) => Math.Abs(a - b) <= 5e-9);
    }

    [Fact]
    public void Two_numbers_against_one_by_hand()
    {
        // pairs within {0, 2}: 1, 1 and twice exp(-2); between {0, 2} and {1}: exp(-0.5) twice
        var expected = ((1 + Math.Exp(-2)) / 2) + 1 - (2 * Math.Exp(-0.5));
        Assert.Equal(expected, Assert.Single(MaximumMeanDiscrepancy.Squared([0, 2], [1], 1, [1])), 1e-15);
    }

    [Fact]
    public void Sets_larger_than_a_block_agree_with_the_definition()
    {
        var random = new Random(1);
        var x = Enumerable.Range(0, 2 * 1300).Select(_ => random.NextSingle()).ToArray();
        var y = Enumerable.Range(0, 2 * 1025).Select(_ => random.NextSingle() * 2).ToArray();
        Assert.Equal(Kernels(x, x) + Kernels(y, y) - (2 * Kernels(x, y)), MaximumMeanDiscrepancy.Squared(x, y, 2, [0.7])[0], 1e-12);
        Assert.Equal(0, MaximumMeanDiscrepancy.Squared(x, x, 2, [0.7])[0], 1e-15);

        static double Kernels(float[] a, float[] b) => a.Chunk(2).Average(p => b.Chunk(2).Average(q => Math.Exp(-(Math.Pow(p[0] - (double)q[0], 2) + Math.Pow(p[1] - (double)q[1], 2)) / (2 * 0.49))));
    }

    [Fact]
    public void Sets_that_are_none_and_widths_that_are_none_are_refused()
    {
        Assert.Throws<ArgumentException>(() => MaximumMeanDiscrepancy.Squared([], [1], 1, [1]));
        Assert.Throws<ArgumentException>(() => MaximumMeanDiscrepancy.Squared([1, 2], [1, 2, 3], 2, [1]));
        Assert.Throws<ArgumentException>(() => MaximumMeanDiscrepancy.Squared([1], [1], 1, [0]));
        Assert.Throws<ArgumentException>(() => MaximumMeanDiscrepancy.Squared([1], [1], 1, [double.NaN]));
    }
}
