using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>One resolution of the encoder: residual blocks, then a 3x3 convolution of stride 2 on all but the coarsest level.</summary>
internal sealed class KLDownBlock : nn.Module<Tensor, Tensor>
{
    internal readonly ModuleList<KLResnetBlock> resnets;
    internal readonly ModuleList<KLDownsampling>? downsamplers;

    public KLDownBlock(int input, int output, int count, int groups, bool downsample, Device? device)
        : base(nameof(KLDownBlock))
    {
        resnets = KLResnetBlock.Several(input, output, count, groups, device);
        downsamplers = downsample ? new ModuleList<KLDownsampling>(new KLDownsampling(output, device)) : null;
        RegisterComponents();
    }

    /// <summary>[N, input, H, W] to [N, output, H/2, W/2], or [N, output, H, W] on the coarsest level.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var h = x;
        foreach (var resnet in resnets)
        {
            h = resnet.call(h);
        }

        return (downsamplers?[0].call(h) ?? h).MoveToOuterDisposeScope();
    }
}

/// <summary>A 3x3 convolution of stride 2 that pads with zeros at the right and the bottom only.</summary>
internal sealed class KLDownsampling : nn.Module<Tensor, Tensor>
{
    internal readonly Conv2d conv;

    public KLDownsampling(int channels, Device? device)
        : base(nameof(KLDownsampling))
    {
        conv = Layers.Conv(channels, channels, device, stride: 2, padding: 0);
        RegisterComponents();
    }

    /// <summary>[N, C, H, W] with even H and W to [N, C, H/2, W/2].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return conv.call(nn.functional.pad(x, [0, 1, 0, 1])).MoveToOuterDisposeScope();
    }
}
