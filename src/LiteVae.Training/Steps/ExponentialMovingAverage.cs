using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>A running average of a network's weights, held in a second network: what is evaluated and exported.</summary>
internal sealed class ExponentialMovingAverage
{
    private readonly FlatParameters _average;
    private readonly FlatParameters _weights;
    private readonly Func<long, double> _decay;

    /// <summary>Makes <paramref name="average"/> a copy of <paramref name="weights"/>.</summary>
    /// <param name="average">The average's parameters.</param>
    /// <param name="weights">The trained ones.</param>
    /// <param name="decay">Constant decay; early steps count more: it is at most (1 + step) / (10 + step).</param>
    /// <param name="width">Width of a power-function average as a share of the run so far, in place of the constant decay.</param>
    public ExponentialMovingAverage(FlatParameters average, FlatParameters weights, double decay, double? width = null)
    {
        (_average, _weights) = (average, weights);
        if (width is { } share)
        {
            var exponent = Exponent(share) + 1;
            _decay = step => Math.Pow(1 - (1 / (step + 1.0)), exponent);
        }
        else
        {
            _decay = step => Math.Min(decay, (1.0 + step) / (10.0 + step));
        }

        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        average.Values.copy_(weights.Values);
    }

    /// <summary>Moves the average towards the weights.</summary>
    /// <param name="step">Number of the step that was done, from 0.</param>
    public void Update(long step)
    {
        var decay = _decay(step);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var keep = decay.ToScalar();
        using var share = (1 - decay).ToScalar();
        _average.Values.mul_(keep).add_(_weights.Values, share);
    }

    /// <summary>The exponent gamma of a width: width = sqrt((gamma + 1) / ((gamma + 2)^2 (gamma + 3))) (Karras et al. 2024, appendix C), which falls as gamma rises.</summary>
    internal static double Exponent(double width)
    {
        var (low, high) = (0.0, 1e4);
        for (var i = 0; i < 200; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = Math.Sqrt((middle + 1) / ((middle + 2) * (middle + 2) * (middle + 3))) > width ? (middle, high) : (low, middle);
        }

        return low;
    }
}
