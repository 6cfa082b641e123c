using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>A network in bfloat16 that does the computing for one in 32-bit floats, which keeps the weights: TorchSharp has no autocast.</summary>
/// <remarks>Its tensors belong to the dispose scope that it is created in; the network is its own.</remarks>
internal sealed class WorkingCopy : IDisposable
{
    private readonly FlatParameters _master;
    private readonly FlatParameters _copy;

    /// <summary>A copy of a network, in bfloat16; its linear code, which is not trained, stays in 32-bit floats.</summary>
    /// <param name="network">The network, its linear code fitted.</param>
    /// <param name="master">The network's parameters.</param>
    public WorkingCopy(LiteVaeNetwork network, FlatParameters master)
    {
        _master = master;
        Network = new LiteVaeNetwork((LiteVaeArchitecture)network.Architecture, master.Values.device);
        _copy = CopyOf(Network);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var ((_, from), (_, to)) in network.named_parameters().Zip(Network.named_parameters()).Where(pair => !pair.First.parameter.requires_grad))
        {
            to.copy_(from);
        }
    }

    /// <summary>The copy.</summary>
    public LiteVaeNetwork Network { get; }

    /// <summary>Takes over the weights.</summary>
    public void TakeWeights()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        _copy.Values.copy_(_master.Values);
    }

    /// <summary>Adds the gradients of the copy to those of the weights, and starts anew with them.</summary>
    public void GiveGradients()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var one = 1.0.ToScalar();
        _master.Gradients!.add_(_copy.Gradients!, one);
        _copy.Gradients!.zero_();
    }

    public void Dispose() => Network.Dispose();

    private static FlatParameters CopyOf(LiteVaeNetwork network)
    {
        network.to(ScalarType.BFloat16);
        network.encoder.linear?.to(ScalarType.Float32);
        network.decoder.linear?.to(ScalarType.Float32);
        return new FlatParameters(network);
    }
}
