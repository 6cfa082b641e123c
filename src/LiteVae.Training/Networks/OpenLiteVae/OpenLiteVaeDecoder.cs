using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>open-litevae's decoder: Stable Diffusion's frame with self-modulated convolutions and without attention.</summary>
internal sealed class OpenLiteVaeDecoder : nn.Module<Tensor, Tensor>
{
    internal readonly Conv2d conv_in;
    internal readonly ModuleList<OpenLiteVaeDecoderBlock> mid;
    internal readonly ModuleList<OpenLiteVaeDecoderLevel> up; // finest first, as the files number them
    internal readonly OpenLiteVaeConv conv_norm;
    internal readonly Conv2d conv_out;

    public OpenLiteVaeDecoder(OpenLiteVaeArchitecture architecture, Device? device)
        : base(nameof(OpenLiteVaeDecoder))
    {
        var shape = architecture.Decoder;
        var levels = shape.ChannelMult.Count;
        int Width(int level) => shape.Channels * shape.ChannelMult[Math.Min(level, levels - 1)];
        conv_in = Layers.Conv(architecture.EmbedDim, Width(levels), device);

        mid = new ModuleList<OpenLiteVaeDecoderBlock>();
        for (var block = 0; block <= shape.NumResBlocks; block++)
        {
            mid.Add(new OpenLiteVaeDecoderBlock(Width(levels), Width(levels), device));
        }

        up = new ModuleList<OpenLiteVaeDecoderLevel>();
        for (var level = 0; level < levels; level++)
        {
            up.Add(new OpenLiteVaeDecoderLevel(Width(level + 1), Width(level), shape.NumResBlocks + 1, upsample: level > 0, device));
        }

        conv_norm = new OpenLiteVaeConv(Width(0), Width(0), device);
        conv_out = Layers.Conv(Width(0), 3, device);
        RegisterComponents();
    }

    /// <summary>[N, nz, h, w] to images [N, 3, 8h, 8w] around [-1, 1], not clamped.</summary>
    public override Tensor forward(Tensor z)
    {
        using var scope = NewDisposeScope();
        var h = conv_in.call(z);

        foreach (var block in mid)
        {
            h = block.call(h);
        }

        foreach (var level in up.Reverse())
        {
            h = level.call(h);                                     // twice the size, but for the last
        }

        h = nn.functional.silu(conv_norm.call(h));
        return conv_out.call(h).MoveToOuterDisposeScope();
    }
}
