using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>open-litevae's 1x1 convolutions around the latent.</summary>
internal sealed class OpenLiteVaeQuantizer : nn.Module
{
    internal readonly Conv2d quant_conv;
    internal readonly Conv2d post_quant_conv;

    public OpenLiteVaeQuantizer(int nz, Device? device)
        : base(nameof(OpenLiteVaeQuantizer))
    {
        quant_conv = Layers.Conv(nz, 2 * nz, device, kernel: 1);
        post_quant_conv = Layers.Conv(nz, nz, device, kernel: 1);
        RegisterComponents();
    }
}
