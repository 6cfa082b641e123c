namespace LiteVae;

/// <summary>One encoded image, as the table beside a shard's tensors describes it.</summary>
/// <param name="Key">Its name, unique in the store: the path relative to the input folder, <c>shard/stem</c> in a WebDataset, or what a table's column said.</param>
/// <param name="Source">The image file; for a member of a tar file that file's path, a slash and the member's name.</param>
/// <param name="SourceSha256">SHA-256 of the image file's bytes, in lower-case hexadecimal.</param>
/// <param name="Width">Pixels of a row of the image, its orientation applied.</param>
/// <param name="Height">Its rows, its orientation applied.</param>
/// <param name="CropLeft">Left edge of the box of the image that was resized to the shard's size, in pixels of the image; whole numbers only by chance.</param>
/// <param name="CropTop">Top edge of the box.</param>
/// <param name="CropWidth">Width of the box.</param>
/// <param name="CropHeight">Height of the box.</param>
/// <param name="Row">Its row in the shard's tensors.</param>
/// <param name="Label">Its label, or null.</param>
/// <param name="Caption">Its caption, or null.</param>
public sealed record LatentRow(
    string Key, string Source, string SourceSha256, int Width, int Height, double CropLeft, double CropTop, double CropWidth, double CropHeight, int Row, string? Label, string? Caption);
