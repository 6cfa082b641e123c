using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>One resolution of open-litevae's decoder: residual blocks, then nearest x2 upsampling and a 3x3 convolution on all but the finest level.</summary>
internal sealed class OpenLiteVaeDecoderLevel : nn.Module<Tensor, Tensor>
{
    internal readonly ModuleList<OpenLiteVaeDecoderBlock> block;
    internal readonly NearestUpsampling? upsample;

    public OpenLiteVaeDecoderLevel(int input, int output, int count, bool upsample, Device? device)
        : base(nameof(OpenLiteVaeDecoderLevel))
    {
        block = new ModuleList<OpenLiteVaeDecoderBlock>();
        for (var i = 0; i < count; i++)
        {
            block.Add(new OpenLiteVaeDecoderBlock(i == 0 ? input : output, output, device));
        }

        this.upsample = upsample ? new NearestUpsampling(output, device) : null;
        RegisterComponents();
    }

    /// <summary>[N, input, H, W] to [N, output, 2H, 2W], or [N, output, H, W] on the finest level.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var h = x;
        foreach (var part in block)
        {
            h = part.call(h);
        }

        return (upsample?.call(h) ?? h).MoveToOuterDisposeScope();
    }
}
