using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>A running average of a network's weights, held in a second network: what is evaluated and exported.</summary>
internal sealed class ExponentialMovingAverage
{
    private readonly (Tensor Average, Tensor Weight)[] _pairs;
    private readonly double _decay;

    /// <summary>Makes <paramref name="average"/> a copy of <paramref name="network"/>.</summary>
    public ExponentialMovingAverage(LiteVaeNetwork network, LiteVaeNetwork average, double decay)
    {
        _decay = decay;
        _pairs = average.parameters().Zip(network.parameters(), (a, w) => ((Tensor)a, (Tensor)w)).ToArray();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var (a, w) in _pairs)
        {
            a.requires_grad = false;
            a.copy_(w);
        }
    }

    /// <summary>Moves the average towards the weights. Early steps count more: the decay is at most (1 + step) / (10 + step).</summary>
    public void Update(long step)
    {
        var decay = Math.Min(_decay, (1.0 + step) / (10.0 + step));
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var keep = decay.ToScalar();
        using var share = (1 - decay).ToScalar();
        foreach (var (a, w) in _pairs)
        {
            a.mul_(keep).add_(w, share);
        }
    }
}
