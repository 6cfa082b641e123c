using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The middle of encoder and decoder: residual block, self-attention, residual block.</summary>
internal sealed class KLMidBlock : nn.Module<Tensor, Tensor>
{
    internal readonly ModuleList<KLAttention>? attentions;
    internal readonly ModuleList<KLResnetBlock> resnets;

    public KLMidBlock(int channels, int groups, bool attention, Device? device)
        : base(nameof(KLMidBlock))
    {
        attentions = attention ? new ModuleList<KLAttention>(new KLAttention(channels, groups, device)) : null;
        resnets = new ModuleList<KLResnetBlock>(new KLResnetBlock(channels, channels, groups, device), new KLResnetBlock(channels, channels, groups, device));
        RegisterComponents();
    }

    /// <summary>[N, C, H, W] to [N, C, H, W].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var h = resnets[0].call(x);
        h = attentions?[0].call(h) ?? h;
        return resnets[1].call(h).MoveToOuterDisposeScope();
    }
}
