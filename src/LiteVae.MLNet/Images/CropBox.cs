namespace LiteVae;

/// <summary>A box of an image, in its pixels; whole numbers only by chance.</summary>
/// <param name="Left">Left edge.</param>
/// <param name="Top">Top edge.</param>
/// <param name="Width">Width.</param>
/// <param name="Height">Height.</param>
internal readonly record struct CropBox(double Left, double Top, double Width, double Height);
