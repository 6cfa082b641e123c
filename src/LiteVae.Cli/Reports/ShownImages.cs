namespace LiteVae.Cli.Reports;

/// <summary>Which images a page shows: all where they are few, else the worst, some about the median and the best, so that the page's size is bounded.</summary>
/// <param name="Heading">What they are.</param>
/// <param name="Images">The images, the worst first.</param>
internal sealed record ShownImages(string Heading, IReadOnlyList<ReconstructedImage> Images)
{
    /// <summary>Most images of a page. That many photos of 768 x 512 make a page of some 17 MB, of 256 x 256 one of 3 MB.</summary>
    public const int Most = Worst + Median + Best;

    private const int Worst = 24;
    private const int Median = 8;
    private const int Best = 8;

    /// <summary>Chooses.</summary>
    /// <param name="images">All images, the worst first.</param>
    public static IReadOnlyList<ShownImages> Choose(IReadOnlyList<ReconstructedImage> images) => images.Count <= Most
        ? [new("Pictures, the lowest PSNR first", images)]
        :
        [
            new($"The {Worst} of the lowest PSNR", [.. images.Take(Worst)]),
            new($"{Median} about the median", [.. images.Skip(Math.Clamp((images.Count - Median) / 2, Worst, images.Count - Best - Median)).Take(Median)]),
            new($"The {Best} of the highest", [.. images.TakeLast(Best)]),
        ];
}
