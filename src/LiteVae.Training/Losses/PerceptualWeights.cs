namespace LiteVae.Training;

/// <summary>Files with the weights that perceptual losses and metrics compare images by, as safetensors in torchvision's names; they are not part of this package.</summary>
public sealed record PerceptualWeights
{
    /// <summary>LPIPS' backbone: VGG16, AlexNet or SqueezeNet 1.1. Null, the default, where LPIPS is neither a loss nor evaluated.</summary>
    public string? Lpips { get; init; }

    /// <summary>LPIPS' v0.1 heads, where <see cref="Lpips"/> does not hold them too. Default null.</summary>
    public string? LpipsHeads { get; init; }

    /// <summary>VGG16 or VGG19 for the features before the activation. Default null.</summary>
    public string? Vgg { get; init; }

    internal IEnumerable<string> Faults()
    {
        if (LpipsHeads is not null && Lpips is null)
        {
            yield return $"{nameof(LpipsHeads)} is {LpipsHeads}, but {nameof(Lpips)} names no backbone that they belong to.";
        }

        foreach (var (name, path) in new[] { (nameof(Lpips), Lpips), (nameof(LpipsHeads), LpipsHeads), (nameof(Vgg), Vgg) })
        {
            if (path is not null && !File.Exists(path))
            {
                yield return $"{name} is {path}, which is not there.";
            }
        }
    }
}
