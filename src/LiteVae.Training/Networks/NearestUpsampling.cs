using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Nearest x2 upsampling and a 3x3 convolution, with the tensors' names that both imported architectures have.</summary>
internal sealed class NearestUpsampling : nn.Module<Tensor, Tensor>
{
    internal readonly Conv2d conv;

    public NearestUpsampling(int channels, Device? device)
        : base(nameof(NearestUpsampling))
    {
        conv = Layers.Conv(channels, channels, device);
        RegisterComponents();
    }

    /// <summary>[N, C, H, W] to [N, C, 2H, 2W].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return conv.call(nn.functional.interpolate(x, scale_factor: [2, 2], mode: InterpolationMode.Nearest)).MoveToOuterDisposeScope();
    }
}
