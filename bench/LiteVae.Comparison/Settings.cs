namespace LiteVae.Comparison;

/// <summary>What is compared on what.</summary>
internal sealed record Settings
{
    /// <summary>Folder of the Kodak images.</summary>
    public required string Kodak { get; init; }

    /// <summary>Folder of the other photos that are measured.</summary>
    public required string Photos { get; init; }

    /// <summary>Folder of the photos that the linear codes are learned from.</summary>
    public required string Train { get; init; }

    /// <summary>LPIPS's backbone and, where they are in a file of their own, its heads; empty for no LPIPS.</summary>
    public IReadOnlyList<string> Lpips { get; init; } = [];

    /// <summary>Folder of TAEF2's weights; null leaves it out.</summary>
    public string? Taef2 { get; init; }

    /// <summary>Model folders, the one that the pictures are chosen by first.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>Folder of the photos that are shown. They come into the repository: no others than its own samples are free to.</summary>
    public required string Samples { get; init; }

    /// <summary>The page; its pictures go to <c>images</c> beside it.</summary>
    public required string Out { get; init; }
}
