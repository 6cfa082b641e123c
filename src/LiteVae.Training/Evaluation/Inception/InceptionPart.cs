namespace LiteVae.Training;

/// <summary>A part of InceptionV3 as its figure draws it.</summary>
internal abstract record InceptionPart
{
    /// <summary>Convolution without bias, batch normalisation, ReLU.</summary>
    /// <param name="Name">Its tensors' prefix.</param>
    /// <param name="Output">Channels that come out.</param>
    /// <param name="Height">Height of the kernel, odd.</param>
    /// <param name="Width">Width of the kernel, odd.</param>
    /// <param name="Stride">In both directions.</param>
    /// <param name="IsPadded">Whether the size is kept, at stride 1.</param>
    public sealed record Conv(string Name, int Output, int Height, int Width, int Stride = 1, bool IsPadded = true) : InceptionPart;

    /// <summary>The maximum of 3x3 pixels.</summary>
    /// <param name="Stride">1, which keeps the size, or 2, without a border.</param>
    public sealed record MaximumPool(int Stride) : InceptionPart;

    /// <summary>The mean of those of 3x3 pixels that lie in the image, at every pixel.</summary>
    public sealed record MeanPool : InceptionPart;

    /// <summary>Parts one after the other.</summary>
    public sealed record Chain(params InceptionPart[] Parts) : InceptionPart;

    /// <summary>Parts side by side; their channels are concatenated.</summary>
    public sealed record Concat(params InceptionPart[] Branches) : InceptionPart;

    /// <summary>Every convolution in it, with the channels that go in.</summary>
    /// <param name="input">Channels that go into this part.</param>
    /// <param name="convolutions">Receives them.</param>
    /// <returns>Channels that come out.</returns>
    public int Gather(int input, ICollection<(Conv Conv, int Input)> convolutions)
    {
        switch (this)
        {
            case Conv conv:
                convolutions.Add((conv, input));
                return conv.Output;
            case Chain chain:
                return chain.Parts.Aggregate(input, (channels, part) => part.Gather(channels, convolutions));
            case Concat concat:
                return concat.Branches.Sum(branch => branch.Gather(input, convolutions));
            default:
                return input;
        }
    }
}
