using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The two convolutions of a linear code, which are fitted once (<see cref="LinearCodeFit"/>) and not trained.</summary>
internal static class LinearCode
{
    /// <summary>Pixels along a side of a block.</summary>
    public const int Block = 1 << LiteVaeEncoder.Levels;

    /// <summary>Images [N, 3, H, W] to codes [N, nz, H/8, W/8]: each block alone.</summary>
    public static Conv2d Analysis(int channels, Device? device)
    {
        using var temporaries = NewDisposeScope(); // TorchSharp's constructor leaves a view of the weight behind
        return Fixed(nn.Conv2d(3, channels, kernel_size: Block, stride: Block, device: device));
    }

    /// <summary>Codes [N, nz, h, w] to images [N, 3, 8h, 8w]: each code to its block and the eight around it.</summary>
    public static ConvTranspose2d Synthesis(int channels, Device? device)
    {
        using var temporaries = NewDisposeScope();
        return Fixed(nn.ConvTranspose2d(channels, 3, kernel_size: 3 * Block, stride: Block, padding: Block, device: device));
    }

    // 0 until it is fitted or loaded; without a gradient it is none of the trained parameters
    private static T Fixed<T>(T convolution)
        where T : nn.Module
    {
        foreach (var parameter in convolution.parameters())
        {
            nn.init.zeros_(parameter);
            parameter.requires_grad = false;
        }

        return convolution;
    }
}
