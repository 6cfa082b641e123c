using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>One-head self-attention over all positions, plus skip. Its four projections are matrices [C, C], applied at every position.</summary>
internal sealed class KLAttention : nn.Module<Tensor, Tensor>
{
    internal readonly GroupNorm group_norm;
    internal readonly Linear to_q;
    internal readonly Linear to_k;
    internal readonly Linear to_v;
    internal readonly ModuleList<Linear> to_out; // a list, since Diffusers has a dropout behind it

    public KLAttention(int channels, int groups, Device? device)
        : base(nameof(KLAttention))
    {
        group_norm = Layers.Norm(channels, groups, KLResnetBlock.NormEpsilon, device);
        to_q = nn.Linear(channels, channels, device: device);
        to_k = nn.Linear(channels, channels, device: device);
        to_v = nn.Linear(channels, channels, device: device);
        to_out = new ModuleList<Linear>(nn.Linear(channels, channels, device: device));
        RegisterComponents();
    }

    /// <summary>[N, C, H, W] to [N, C, H, W].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
        var positions = group_norm.call(x).reshape(n, c, h * w).transpose(1, 2);        // [N, HW, C]
        // bmm, not matmul: TorchSharp lets no exception of matmul through, so that a want of memory here would end the process.
        var scores = bmm(to_q.call(positions), to_k.call(positions).transpose(1, 2));
        var weights = softmax(scores.Times(1 / Math.Sqrt(c)), -1);                      // [N, HW, HW]
        var mixed = to_out[0].call(bmm(weights, to_v.call(positions)));                 // [N, HW, C]
        return x.Plus(mixed.transpose(1, 2).reshape(n, c, h, w)).MoveToOuterDisposeScope();
    }
}
