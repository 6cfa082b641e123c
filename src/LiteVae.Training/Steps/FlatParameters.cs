using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>
/// A network's parameters laid end to end in one tensor, their gradients in another, so that an optimiser step, an average or an exchange between processes is a few operations
/// and not a few for each of hundreds of small tensors. The parameters are views of it from then on. Fixed ones, which require no gradient, are not among them.
/// </summary>
/// <remarks>Both tensors belong to the dispose scope that this is created in.</remarks>
internal sealed class FlatParameters
{
    /// <summary>Moves a network's parameters, where they are and as they are, into one tensor.</summary>
    /// <param name="network">The network.</param>
    /// <param name="trained">False for one without gradients.</param>
    public FlatParameters(nn.Module network, bool trained = true)
    {
        // convolutions first: those alone decay, and so are one piece
        var named = network.named_parameters().Where(p => p.parameter.requires_grad).Select((p, i) => (p.name, p.parameter, i)).OrderBy(p => p.parameter.dim() > 1 ? 0 : 1).ThenBy(p => p.i).ToList();
        var first = named[0].parameter;
        var total = named.Sum(p => p.parameter.numel());
        DecayedCount = named.Where(p => p.parameter.dim() > 1).Sum(p => p.parameter.numel());
        Values = empty(total, dtype: first.dtype, device: first.device);
        Gradients = trained ? zeros(total, dtype: first.dtype, device: first.device) : null;

        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (pieces, offset) = (new Dictionary<string, (long, long[])>(), 0L);
        foreach (var (name, parameter, _) in named)
        {
            var (count, shape) = (parameter.numel(), parameter.shape);
            var view = Values.narrow(0, offset, count).view(shape);
            view.copy_(parameter);
            parameter.set_(view);
            parameter.requires_grad = trained;
            if (Gradients is not null)
            {
                parameter.grad = Gradients.narrow(0, offset, count).view(shape);
            }

            pieces.Add(name, (offset, shape));
            offset += count;
        }

        Pieces = pieces;
    }

    /// <summary>All parameters, [count].</summary>
    public Tensor Values { get; }

    /// <summary>All gradients, [count], which backward adds to; null for a network that is not trained.</summary>
    public Tensor? Gradients { get; }

    /// <summary>How many of the values, the first ones, are subject to weight decay: those of convolutions, not of norms, gains and biases.</summary>
    public long DecayedCount { get; }

    /// <summary>Where each parameter is: its first value and its shape.</summary>
    public IReadOnlyDictionary<string, (long Offset, long[] Shape)> Pieces { get; }

    /// <summary>Sets all gradients to 0: backward adds to them.</summary>
    public void ClearGradients()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        Gradients!.zero_();
    }

    /// <summary>A parameter's part of a tensor that is laid out as this one, as a view.</summary>
    public Tensor Piece(Tensor flat, string name)
    {
        var (offset, shape) = Pieces[name];
        using var part = flat.narrow(0, offset, shape.Aggregate(1L, (a, b) => a * b));
        return part.view(shape);
    }
}
