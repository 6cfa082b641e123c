using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>One-head self-attention over all positions, plus skip: the middle of Stable Diffusion's VAE decoder.</summary>
public sealed class SelfAttention : nn.Module<Tensor, Tensor>
{
    internal readonly GroupNorm norm;
    internal readonly Conv2d query;
    internal readonly Conv2d key;
    internal readonly Conv2d value;
    internal readonly Conv2d project;

    /// <summary>Creates the attention over <paramref name="channels"/> channels.</summary>
    public SelfAttention(int channels, Device? device = null)
        : base(nameof(SelfAttention))
    {
        norm = Layers.Norm(channels, device);
        using var temporaries = NewDisposeScope(); // TorchSharp's constructors leave a view of each weight behind
        query = nn.Conv2d(channels, channels, kernel_size: 1, device: device);
        key = nn.Conv2d(channels, channels, kernel_size: 1, device: device);
        value = nn.Conv2d(channels, channels, kernel_size: 1, device: device);
        project = nn.Conv2d(channels, channels, kernel_size: 1, device: device);
        RegisterComponents();
    }

    /// <summary>[N, C, H, W] to [N, C, H, W].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
        var normed = norm.call(x);
        var q = query.call(normed).reshape(n, c, h * w).transpose(1, 2);  // [N, HW, C]
        var k = key.call(normed).reshape(n, c, h * w);                    // [N, C, HW]
        var v = value.call(normed).reshape(n, c, h * w).transpose(1, 2);  // [N, HW, C]
        // bmm, not matmul: TorchSharp lets no exception of matmul through, so that a want of memory here would end the process.
        var weights = softmax(bmm(q, k).Times(1 / Math.Sqrt(c)), -1);           // [N, HW, HW]
        var mixed = bmm(weights, v).transpose(1, 2).reshape(n, c, h, w);
        return x.Plus(project.call(mixed)).MoveToOuterDisposeScope();
    }
}
