using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>A part of a network, named as in the paper's figure and in the tensors' names.</summary>
internal sealed record NetworkPart(string Name, long Parameters, long MultiplyAdds)
{
    /// <summary>Counts a part that works at a number of positions.</summary>
    public static NetworkPart Of(string name, nn.Module module, long positions)
    {
        // A parameter with four dimensions is a convolution's weight, one with two a matrix: both are used once at every position.
        var weights = module.parameters().Where(parameter => parameter.dim() >= 2).Sum(parameter => parameter.numel());
        var attention = module.modules().Sum(layer => 2 * positions * positions * AttentionChannels(layer));
        return new NetworkPart(name, Count(module), (weights * positions) + attention);
    }

    /// <summary>The sum of two parts, under this one's name.</summary>
    public NetworkPart Plus(NetworkPart other) => this with { Parameters = Parameters + other.Parameters, MultiplyAdds = MultiplyAdds + other.MultiplyAdds };

    internal static long Count(nn.Module module) => module.parameters().Sum(parameter => parameter.numel());

    private static long AttentionChannels(nn.Module layer) => layer switch
    {
        SelfAttention attention => attention.query.weight.shape[0],
        KLAttention attention => attention.to_q.out_features,
        _ => 0,
    };
}
