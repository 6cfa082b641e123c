namespace LiteVae;

/// <summary>One direction of a resize: which input pixels make each output pixel, and with what fixed-point weights.</summary>
internal sealed class ResizeAxis
{
    /// <summary>One half in the weights' fixed point: what a sum starts from, so that it rounds.</summary>
    public const int Half = 1 << (PrecisionBits - 1);

    /// <summary>Fraction bits of the weights: 8 bits of a sum are the result, 2 are for sign and overshoot.</summary>
    private const int PrecisionBits = 32 - 8 - 2;

    private const double CubicSupport = 2;

    private readonly int[] _first;
    private readonly int[][] _weights;

    /// <summary>Computes the weights.</summary>
    /// <param name="input">Pixels of the input.</param>
    /// <param name="output">Pixels that the whole input is scaled to.</param>
    /// <param name="start">First of the output pixels that is kept.</param>
    /// <param name="count">How many are kept.</param>
    public ResizeAxis(int input, long output, long start, int count)
    {
        IsIdentity = input == output && start == 0 && count == output;
        Count = count;
        _first = IsIdentity ? [] : new int[count];
        _weights = IsIdentity ? [] : new int[count][];
        for (var i = 0; i < _weights.Length; i++)
        {
            (_first[i], _weights[i]) = Pixel(input, (double)input / output, start + i);
        }
    }

    /// <summary>True where the output is the input; the axis then has no weights.</summary>
    public bool IsIdentity { get; }

    /// <summary>Output pixels.</summary>
    public int Count { get; }

    /// <summary>The first input pixel of an output pixel.</summary>
    public int First(int index) => _first[index];

    /// <summary>The weights of the input pixels from <see cref="First"/> on.</summary>
    public ReadOnlySpan<int> Weights(int index) => _weights[index];

    /// <summary>The input pixels that any output pixel needs.</summary>
    public (int First, int Count) InputRange() => (_first[0], _first[^1] + _weights[^1].Length - _first[0]);

    /// <summary>A sum as a byte.</summary>
    public static byte ToByte(int sum) => (byte)Math.Clamp(sum >> PrecisionBits, 0, 255);

    private static (int First, int[] Weights) Pixel(int input, double scale, long index)
    {
        var filterScale = Math.Max(scale, 1); // widened when shrinking: that is the antialiasing
        var support = CubicSupport * filterScale;
        var center = (index + 0.5) * scale;
        var first = (int)Math.Max(center - support + 0.5, 0);
        var end = (int)Math.Min(center + support + 0.5, input);

        var exact = new double[end - first];
        var total = 0.0;
        for (var i = 0; i < exact.Length; i++)
        {
            // Times the reciprocal, not divided by the scale: the last bit decides some roundings.
            exact[i] = Cubic((i + first - center + 0.5) * (1 / filterScale));
            total += exact[i];
        }

        return (first, Array.ConvertAll(exact, weight => ToFixedPoint(total != 0 ? weight / total : weight)));
    }

    private static int ToFixedPoint(double weight) => (int)(weight * (1 << PrecisionBits) + (weight < 0 ? -0.5 : 0.5));

    /// <summary>Keys' cubic with a = -0.5.</summary>
    private static double Cubic(double x)
    {
        const double a = -0.5;
        x = Math.Abs(x);
        return x < 1 ? ((a + 2) * x - (a + 3)) * x * x + 1
            : x < 2 ? (((x - 5) * x + 8) * x - 4) * a
            : 0;
    }
}
