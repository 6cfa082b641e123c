using static LiteVae.Training.InceptionPart;

namespace LiteVae.Training;

/// <summary>InceptionV3 (Szegedy et al. 2015, arXiv 1512.00567) as FID uses it, up to its last mixed block.</summary>
/// <remarks>
/// The names are torchvision's. What differs from torchvision: the mean pools leave the border out of the mean, and the last block has a maximum in its place. Both come
/// from the TensorFlow graph of 2015 that FID was defined with; that the last is a fault of that graph changes nothing, since all published values have it.
/// </remarks>
internal static class InceptionFigure
{
    /// <summary>[N, 3, 299, 299] to [N, 2048, 8, 8].</summary>
    public static InceptionPart Whole { get; } = new Chain(
        new Conv("Conv2d_1a_3x3", 32, 3, 3, Stride: 2, IsPadded: false), // [N, 32, 149, 149]
        new Conv("Conv2d_2a_3x3", 32, 3, 3, IsPadded: false),            // [N, 32, 147, 147]
        new Conv("Conv2d_2b_3x3", 64, 3, 3),
        new MaximumPool(2),                                                  // [N, 64, 73, 73]
        new Conv("Conv2d_3b_1x1", 80, 1, 1),
        new Conv("Conv2d_4a_3x3", 192, 3, 3, IsPadded: false),           // [N, 192, 71, 71]
        new MaximumPool(2),                                                  // [N, 192, 35, 35]
        A("Mixed_5b", 32),
        A("Mixed_5c", 64),
        A("Mixed_5d", 64),
        B("Mixed_6a"),                                                   // [N, 768, 17, 17]
        C("Mixed_6b", 128),
        C("Mixed_6c", 160),
        C("Mixed_6d", 160),
        C("Mixed_6e", 192),
        D("Mixed_7a"),                                                   // [N, 1280, 8, 8]
        E("Mixed_7b", new MeanPool()),                                   // [N, 2048, 8, 8]
        E("Mixed_7c", new MaximumPool(1)));

    private static Concat A(string name, int pooled) => new(
        new Conv($"{name}.branch1x1", 64, 1, 1),
        new Chain(new Conv($"{name}.branch5x5_1", 48, 1, 1), new Conv($"{name}.branch5x5_2", 64, 5, 5)),
        new Chain(new Conv($"{name}.branch3x3dbl_1", 64, 1, 1), new Conv($"{name}.branch3x3dbl_2", 96, 3, 3), new Conv($"{name}.branch3x3dbl_3", 96, 3, 3)),
        new Chain(new MeanPool(), new Conv($"{name}.branch_pool", pooled, 1, 1)));

    private static Concat B(string name) => new(
        new Conv($"{name}.branch3x3", 384, 3, 3, Stride: 2, IsPadded: false),
        new Chain(
            new Conv($"{name}.branch3x3dbl_1", 64, 1, 1),
            new Conv($"{name}.branch3x3dbl_2", 96, 3, 3),
            new Conv($"{name}.branch3x3dbl_3", 96, 3, 3, Stride: 2, IsPadded: false)),
        new MaximumPool(2));

    private static Concat C(string name, int middle) => new(
        new Conv($"{name}.branch1x1", 192, 1, 1),
        new Chain(new Conv($"{name}.branch7x7_1", middle, 1, 1), new Conv($"{name}.branch7x7_2", middle, 1, 7), new Conv($"{name}.branch7x7_3", 192, 7, 1)),
        new Chain(
            new Conv($"{name}.branch7x7dbl_1", middle, 1, 1),
            new Conv($"{name}.branch7x7dbl_2", middle, 7, 1),
            new Conv($"{name}.branch7x7dbl_3", middle, 1, 7),
            new Conv($"{name}.branch7x7dbl_4", middle, 7, 1),
            new Conv($"{name}.branch7x7dbl_5", 192, 1, 7)),
        new Chain(new MeanPool(), new Conv($"{name}.branch_pool", 192, 1, 1)));

    private static Concat D(string name) => new(
        new Chain(new Conv($"{name}.branch3x3_1", 192, 1, 1), new Conv($"{name}.branch3x3_2", 320, 3, 3, Stride: 2, IsPadded: false)),
        new Chain(
            new Conv($"{name}.branch7x7x3_1", 192, 1, 1),
            new Conv($"{name}.branch7x7x3_2", 192, 1, 7),
            new Conv($"{name}.branch7x7x3_3", 192, 7, 1),
            new Conv($"{name}.branch7x7x3_4", 192, 3, 3, Stride: 2, IsPadded: false)),
        new MaximumPool(2));

    private static Concat E(string name, InceptionPart pool) => new(
        new Conv($"{name}.branch1x1", 320, 1, 1),
        new Chain(
            new Conv($"{name}.branch3x3_1", 384, 1, 1),
            new Concat(new Conv($"{name}.branch3x3_2a", 384, 1, 3), new Conv($"{name}.branch3x3_2b", 384, 3, 1))),
        new Chain(
            new Conv($"{name}.branch3x3dbl_1", 448, 1, 1),
            new Conv($"{name}.branch3x3dbl_2", 384, 3, 3),
            new Concat(new Conv($"{name}.branch3x3dbl_3a", 384, 1, 3), new Conv($"{name}.branch3x3dbl_3b", 384, 3, 1))),
        new Chain(pool, new Conv($"{name}.branch_pool", 192, 1, 1)));
}
