using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>One entry of the <c>features</c> of a torchvision classifier.</summary>
internal abstract record BackboneLayer
{
    /// <summary>Channels that leave it, or null where as many leave as enter.</summary>
    public virtual int? Channels => null;

    /// <summary>Its tensors' shapes by what follows the layer's own name.</summary>
    public virtual IEnumerable<(string Name, long[] Shape)> Tensors => [];

    /// <summary>Rows (or columns) that leave it for so many that enter; 0 where they are too few.</summary>
    public virtual int OutputSide(int side) => side;

    /// <summary>[N, C, H, W] to [N, C', H', W'].</summary>
    /// <param name="x">What enters.</param>
    /// <param name="name">The layer's name, <c>features.i</c>.</param>
    /// <param name="weights">All weights of the network.</param>
    public abstract Tensor Apply(Tensor x, string name, FrozenTensors weights);
}

/// <summary>A convolution with a bias.</summary>
internal sealed record Convolution(int Input, int Output, int Kernel, int Stride = 1, int Padding = 0) : BackboneLayer
{
    public override int? Channels => Output;

    public override IEnumerable<(string Name, long[] Shape)> Tensors => [("weight", [Output, Input, Kernel, Kernel]), ("bias", [Output])];

    public override int OutputSide(int side) => side + (2 * Padding) < Kernel ? 0 : ((side + (2 * Padding) - Kernel) / Stride) + 1;

    public override Tensor Apply(Tensor x, string name, FrozenTensors weights) =>
        nn.functional.conv2d(x, weights[$"{name}.weight"], weights[$"{name}.bias"], strides: [Stride, Stride], padding: [Padding, Padding]);
}

/// <summary>max(x, 0), never in place: what was before it may be asked for.</summary>
internal sealed record Relu : BackboneLayer
{
    public override Tensor Apply(Tensor x, string name, FrozenTensors weights) => nn.functional.relu(x);
}

/// <summary>Maximum over a window that moves by 2; with <paramref name="Ceiling"/> the last one may reach over the border.</summary>
internal sealed record MaxPool(int Kernel, bool Ceiling = false) : BackboneLayer
{
    private const int Stride = 2;

    public override int OutputSide(int side)
    {
        var rest = side - Kernel + (Ceiling ? Stride - 1 : 0);
        return rest < 0 ? 0 : (rest / Stride) + 1;
    }

    public override Tensor Apply(Tensor x, string name, FrozenTensors weights) => nn.functional.max_pool2d(x, Kernel, Stride, ceil_mode: Ceiling);
}

/// <summary>SqueezeNet's module: a 1x1 convolution to few channels, then a 1x1 and a 3x3 one side by side, every one with its ReLU.</summary>
internal sealed record Fire(int Input, int Squeeze, int Expand) : BackboneLayer
{
    private readonly Convolution _squeeze = new(Input, Squeeze, 1);
    private readonly Convolution _expand1x1 = new(Squeeze, Expand, 1);
    private readonly Convolution _expand3x3 = new(Squeeze, Expand, 3, Padding: 1);

    public override int? Channels => 2 * Expand;

    public override IEnumerable<(string Name, long[] Shape)> Tensors =>
        from part in new[] { ("squeeze", _squeeze), ("expand1x1", _expand1x1), ("expand3x3", _expand3x3) }
        from tensor in part.Item2.Tensors
        select ($"{part.Item1}.{tensor.Name}", tensor.Shape);

    public override Tensor Apply(Tensor x, string name, FrozenTensors weights)
    {
        var few = nn.functional.relu(_squeeze.Apply(x, $"{name}.squeeze", weights));
        return nn.functional.relu(cat([_expand1x1.Apply(few, $"{name}.expand1x1", weights), _expand3x3.Apply(few, $"{name}.expand3x3", weights)], 1));
    }
}
