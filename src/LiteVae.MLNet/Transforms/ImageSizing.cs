namespace LiteVae;

/// <summary>The size at which images enter the model: one for all, or each image's own.</summary>
/// <param name="Width">Width in pixels, or null for the image's own.</param>
/// <param name="Height">Height in pixels, or null for the image's own.</param>
/// <param name="Resize">How an image of another size gets there.</param>
/// <param name="MaxPixels">Most pixels of an image as it comes.</param>
internal sealed record ImageSizing(int? Width, int? Height, ResizePolicy Resize, long MaxPixels)
{
    /// <summary>Whether every image keeps its own size.</summary>
    public bool IsNative => Width is null || Height is null;

    /// <summary>Whether an image has more pixels than are taken.</summary>
    public bool IsTooLarge(RgbImage image) => (long)image.Width * image.Height > MaxPixels;

    /// <summary>The image at the size wanted; the same object where it has it.</summary>
    public RgbImage Fit(RgbImage image) =>
        Width is { } width && Height is { } height && (image.Width != width || image.Height != height)
            ? BicubicResizer.Fit(image, width, height, Resize)
            : image;
}
