using LiteVae.Training;
using static TorchSharp.torch;

namespace LiteVae.Comparison.Peers;

/// <summary>TAEF2 (madebyollin/taesd): the tiny autoencoder that stands in for FLUX.2's, on weights that the user has.</summary>
internal sealed class Taef2 : IPeer
{
    /// <summary>Channels inside.</summary>
    public const int Width = 64;

    private const int LatentChannels = 32;
    private const int Factor = 8;
    private const string WayOut = "Name the folder with taef2_encoder.safetensors and taef2_decoder.safetensors, which have the tensors of taesd's taef2_encoder.pth and taef2_decoder.pth.";

    // a layer's place in these lists is its name in the file
    private static readonly BackboneLayer[] Encoder =
    [
        new Convolution(RgbImage.Channels, Width, 3, Padding: 1), new Block(),
        new Resampled(Stride: 2), new Block(), new Block(), new Block(),
        new Resampled(Stride: 2), new Block(), new Block(), new Block(),
        new Resampled(Stride: 2), new Block(SeesAll: true), new Block(SeesAll: true), new Block(SeesAll: true),
        new Convolution(Width, LatentChannels, 3, Padding: 1),
    ];

    private static readonly BackboneLayer[] Decoder =
    [
        new Clamped(), new Convolution(LatentChannels, Width, 3, Padding: 1), new Relu(),
        new Block(SeesAll: true), new Block(SeesAll: true), new Block(SeesAll: true), new Doubled(), new Resampled(),
        new Block(), new Block(), new Block(), new Doubled(), new Resampled(),
        new Block(), new Block(), new Block(), new Doubled(), new Resampled(),
        new Block(), new Convolution(Width, RgbImage.Channels, 3, Padding: 1),
    ];

    private readonly FrozenTensors _encoder;
    private readonly FrozenTensors _decoder;

    private Taef2(FrozenTensors encoder, FrozenTensors decoder) => (_encoder, _decoder) = (encoder, decoder);

    /// <inheritdoc/>
    public PeerFacts Facts { get; } = new(PeerKind.Other, "TAEF2", LatentChannels, Factor, Count(Encoder), Count(Decoder), "MIT");

    /// <summary>Reads the weights.</summary>
    /// <param name="folder">The folder with <c>taef2_encoder.safetensors</c> and <c>taef2_decoder.safetensors</c>.</param>
    /// <exception cref="FileNotFoundException">A file is not there.</exception>
    /// <exception cref="InvalidDataException">A file is broken, or holds other tensors.</exception>
    public static Taef2 Load(string folder)
    {
        var encoder = Read(folder, "encoder", Encoder);
        try
        {
            return new Taef2(encoder, Read(folder, "decoder", Decoder));
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public RgbImage Reconstruct(RgbImage image) =>
        TensorImages.Reconstruct(image, Factor, pixels => Decode(Encode(pixels.Plus(1).Times(0.5))).Times(2).Plus(-1));

    /// <summary>Images [N, 3, H, W] in [0, 1] to latents [N, 32, H/8, W/8].</summary>
    public Tensor Encode(Tensor images) => Run(Encoder, _encoder, images);

    /// <summary>Latents [N, 32, h, w] to images [N, 3, 8h, 8w], in [0, 1] but not clamped.</summary>
    public Tensor Decode(Tensor latents) => Run(Decoder, _decoder, latents);

    /// <inheritdoc/>
    public void Dispose()
    {
        _encoder.Dispose();
        _decoder.Dispose();
    }

    private static FrozenTensors Read(string folder, string part, BackboneLayer[] layers)
    {
        using var file = WeightFile.Open(Path.Combine(folder, $"taef2_{part}.safetensors"));
        return FrozenTensors.Read(file, [.. layers.SelectMany((layer, i) => layer.Tensors.Select(tensor => ($"{i}.{tensor.Name}", tensor.Shape)))], $"TAEF2's {part}", WayOut, CPU, float32);
    }

    private static Tensor Run(BackboneLayer[] layers, FrozenTensors weights, Tensor x)
    {
        using var all = NewDisposeScope();
        for (var i = 0; i < layers.Length; i++)
        {
            using var scope = NewDisposeScope();
            var before = x;
            x = layers[i].Apply(x, $"{i}", weights).MoveToOuterDisposeScope();
            if (i > 0)
            {
                before.Dispose(); // 100 MB at 768 x 512
            }
        }

        return x.MoveToOuterDisposeScope();
    }

    private static long Count(BackboneLayer[] layers) => layers.SelectMany(layer => layer.Tensors).Sum(tensor => tensor.Shape.Aggregate(1L, (product, side) => product * side));
}
