namespace LiteVae.Training;

/// <summary>How the averaged weights are evaluated as training goes on.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Folder of held-out images, or a text file of paths; null, the default, for no evaluation.</summary>
    public string? Data { get; init; }

    /// <summary>Steps between two evaluations, at least 1; there is always one at the end. Default 1,000.</summary>
    public int Every { get; init; } = 1_000;

    /// <summary>Images evaluated, spread over the folder, at least 1. Default 100.</summary>
    public int Images { get; init; } = 100;

    /// <summary>Side of the centre crops in pixels, after the short side was resized to it: a multiple of 8, 16 to 2048. Default 256.</summary>
    public int Size { get; init; } = 256;

    internal IEnumerable<string> Faults()
    {
        foreach (var (name, value) in new[] { (nameof(Every), Every), (nameof(Images), Images) })
        {
            if (value < 1)
            {
                yield return $"{name} is {value}; at least 1 is needed.";
            }
        }

        if (Size is < 16 or > 2048 || Size % 8 != 0)
        {
            yield return $"{nameof(Size)} is {Size}; allowed are multiples of 8 from 16 to 2048.";
        }

        if (Data is not null && !Path.Exists(Data))
        {
            yield return $"{nameof(Data)} is {Data}, which is not there.";
        }
    }
}
