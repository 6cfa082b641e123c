using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>One resolution of the decoder: residual blocks, then nearest x2 upsampling and a 3x3 convolution on all but the finest level.</summary>
internal sealed class KLUpBlock : nn.Module<Tensor, Tensor>
{
    internal readonly ModuleList<KLResnetBlock> resnets;
    internal readonly ModuleList<NearestUpsampling>? upsamplers;

    public KLUpBlock(int input, int output, int count, int groups, bool upsample, Device? device)
        : base(nameof(KLUpBlock))
    {
        resnets = KLResnetBlock.Several(input, output, count, groups, device);
        upsamplers = upsample ? new ModuleList<NearestUpsampling>(new NearestUpsampling(output, device)) : null;
        RegisterComponents();
    }

    /// <summary>[N, input, H, W] to [N, output, 2H, 2W], or [N, output, H, W] on the finest level.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var h = x;
        foreach (var resnet in resnets)
        {
            h = resnet.call(h);
        }

        return (upsamplers?[0].call(h) ?? h).MoveToOuterDisposeScope();
    }
}
