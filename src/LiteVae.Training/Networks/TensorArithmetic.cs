using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Arithmetic that is safe from the garbage collector.</summary>
/// <remarks>
/// In TorchSharp 0.107 a number becomes a native <see cref="Scalar"/> with a finalizer, and nothing keeps it alive during the native call
/// that reads it: a collection at that moment frees it, and the call fails or, worse, computes with whatever is in its place. That goes for
/// a number in an expression (<c>x * 2</c>) and for <c>x + y</c>, whose hidden factor 1 is such a number. BannedSymbols.txt keeps those
/// forms out of this library; here every Scalar is held until the call returns.
/// </remarks>
internal static class TensorArithmetic
{
    private static readonly Scalar One = 1.0.ToScalar();

    /// <summary>x + y.</summary>
    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, One);

    /// <summary>x + value.</summary>
    public static Tensor Plus(this Tensor x, double value)
    {
        using var held = value.ToScalar();
        return x.add(held, One);
    }

    /// <summary>x * factor.</summary>
    public static Tensor Times(this Tensor x, double factor)
    {
        using var held = factor.ToScalar();
        return x.mul(held);
    }

    /// <summary>x * x.</summary>
    public static Tensor Squared(this Tensor x) => x.mul(x);

    /// <summary>x limited to [low, high].</summary>
    public static Tensor Limited(this Tensor x, double low, double high)
    {
        using var heldLow = low.ToScalar();
        using var heldHigh = high.ToScalar();
        return x.clamp(heldLow, heldHigh);
    }

    /// <summary>x where it is at least <paramref name="low"/>, else that, with no gradient.</summary>
    public static Tensor AtLeast(this Tensor x, double low)
    {
        using var held = low.ToScalar();
        return x.clamp_min(held);
    }

    /// <summary>x where it is positive, else x * slope.</summary>
    public static Tensor LeakyRelu(this Tensor x, double slope)
    {
        using var held = slope.ToScalar();
        return x.leaky_relu(held);
    }
}
