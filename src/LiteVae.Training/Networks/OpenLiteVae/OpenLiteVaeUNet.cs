using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>open-litevae's UNet without resampling: its widths change in 1x1 convolutions between the levels, and the coarsest level is the middle.</summary>
internal sealed class OpenLiteVaeUNet : nn.Module<Tensor, Tensor>
{
    internal readonly Conv2d init_conv;
    internal readonly ModuleList<ModuleList<nn.Module<Tensor, Tensor>>> down_blocks;
    internal readonly ModuleList<OpenLiteVaeBlock> mid_block;
    internal readonly ModuleList<ModuleList<nn.Module<Tensor, Tensor>>> up_blocks;
    internal readonly Conv2d conv_out;

    public OpenLiteVaeUNet(int input, int output, int channels, IReadOnlyList<int> multipliers, int blocks, Device? device)
        : base(nameof(OpenLiteVaeUNet))
    {
        int Width(int level) => channels * multipliers[level];
        init_conv = Layers.Conv(input, Width(0), device);

        down_blocks = new ModuleList<ModuleList<nn.Module<Tensor, Tensor>>>();
        for (var level = 0; level < multipliers.Count - 1; level++)
        {
            var parts = new ModuleList<nn.Module<Tensor, Tensor>>();
            for (var block = 0; block < blocks; block++)
            {
                parts.Add(new OpenLiteVaeBlock(Width(level), Width(level), device));
            }

            parts.Add(Layers.Conv(Width(level), Width(level + 1), device, kernel: 1));
            down_blocks.Add(parts);
        }

        mid_block = new ModuleList<OpenLiteVaeBlock>();
        for (var block = 0; block < blocks; block++)
        {
            mid_block.Add(new OpenLiteVaeBlock(Width(multipliers.Count - 1), Width(multipliers.Count - 1), device));
        }

        up_blocks = new ModuleList<ModuleList<nn.Module<Tensor, Tensor>>>();
        for (var level = multipliers.Count - 2; level >= 0; level--)
        {
            var parts = new ModuleList<nn.Module<Tensor, Tensor>> { Layers.Conv(Width(level + 1), Width(level), device, kernel: 1) };
            for (var block = 0; block < blocks; block++)
            {
                parts.Add(new OpenLiteVaeBlock(2 * Width(level), Width(level), device)); // beside it, a skip
            }

            up_blocks.Add(parts);
        }

        conv_out = Layers.Conv(Width(0), output, device, kernel: 1);
        RegisterComponents();
    }

    /// <summary>[N, input, H, W] to [N, output, H, W].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var skips = new Stack<Tensor>();
        var h = init_conv.call(x);

        // down: every block's output is a skip, the 1x1 convolutions' are not
        foreach (var level in down_blocks)
        {
            foreach (var part in level)
            {
                h = part.call(h);
                if (part is OpenLiteVaeBlock)
                {
                    skips.Push(h);
                }
            }
        }

        // middle
        foreach (var block in mid_block)
        {
            h = block.call(h);
        }

        // up
        foreach (var level in up_blocks)
        {
            foreach (var part in level)
            {
                h = part.call(part is OpenLiteVaeBlock ? cat([h, skips.Pop()], 1) : h);
            }
        }

        return conv_out.call(h).MoveToOuterDisposeScope();
    }
}
