using LiteVae.Training;
using static TorchSharp.torch;

namespace LiteVae.Comparison.Peers;

/// <summary>A 3x3 convolution of 64 channels without a bias; one of stride 2 halves the size.</summary>
internal sealed record Resampled(int Stride = 1) : BackboneLayer
{
    public override IEnumerable<(string Name, long[] Shape)> Tensors => [("weight", [Taef2.Width, Taef2.Width, 3, 3])];

    public override Tensor Apply(Tensor x, string name, FrozenTensors weights) =>
        nn.functional.conv2d(x, weights[$"{name}.weight"], strides: [Stride, Stride], padding: [1, 1]);
}

/// <summary>Nearest x2 upsampling.</summary>
internal sealed record Doubled : BackboneLayer
{
    public override Tensor Apply(Tensor x, string name, FrozenTensors weights) => nn.functional.interpolate(x, scale_factor: [2, 2], mode: InterpolationMode.Nearest);
}

/// <summary>3 tanh(x / 3): latents beyond 3 are drawn in.</summary>
internal sealed record Clamped : BackboneLayer
{
    public override Tensor Apply(Tensor x, string name, FrozenTensors weights) => x.Times(1.0 / 3).tanh().Times(3);
}

/// <summary>Three convolutions of 64 channels plus skip; where the latent is near, after an addition that sees the whole image through GroupNorm.</summary>
internal sealed record Block(bool SeesAll = false) : BackboneLayer
{
    private const int PoolWidth = 4 * Taef2.Width;
    private const int PoolGroups = 4;

    private static readonly Convolution Part = new(Taef2.Width, Taef2.Width, 3, Padding: 1);

    public override IEnumerable<(string Name, long[] Shape)> Tensors
    {
        get
        {
            foreach (var part in new[] { "conv.0", "conv.2", "conv.4" })
            {
                foreach (var (name, shape) in Part.Tensors)
                {
                    yield return ($"{part}.{name}", shape);
                }
            }

            if (SeesAll)
            {
                yield return ("pool.0.weight", [PoolWidth, Taef2.Width, 1, 1]);
                yield return ("pool.1.weight", [PoolWidth]);
                yield return ("pool.1.bias", [PoolWidth]);
                yield return ("pool.3.weight", [Taef2.Width, PoolWidth, 1, 1]);
            }
        }
    }

    public override Tensor Apply(Tensor x, string name, FrozenTensors weights)
    {
        if (SeesAll)
        {
            var pool = nn.functional.conv2d(x, weights[$"{name}.pool.0.weight"]);
            pool = nn.functional.relu(nn.functional.group_norm(pool, PoolGroups, weights[$"{name}.pool.1.weight"], weights[$"{name}.pool.1.bias"]));
            x = x.Plus(nn.functional.conv2d(pool, weights[$"{name}.pool.3.weight"]));
        }

        var y = nn.functional.relu(Part.Apply(x, $"{name}.conv.0", weights));
        y = nn.functional.relu(Part.Apply(y, $"{name}.conv.2", weights));
        return nn.functional.relu(Part.Apply(y, $"{name}.conv.4", weights).Plus(x));
    }
}
