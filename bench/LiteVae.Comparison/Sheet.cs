namespace LiteVae.Comparison;

/// <summary>Crops of images in rows and columns, enlarged without smoothing.</summary>
internal static class Sheet
{
    /// <summary>Screen pixels along a side of an image's pixel.</summary>
    public const int Enlargement = 2;

    private const int Gap = 8;
    private const byte Paper = 255;

    /// <summary>Draws crops, all of one size.</summary>
    /// <param name="rows">Rows of crops, all of one length.</param>
    public static RgbImage Draw(IReadOnlyList<IReadOnlyList<Crop>> rows)
    {
        var (width, height) = (rows[0][0].Width * Enlargement, rows[0][0].Height * Enlargement);
        var (columnsWide, rowsHigh) = ((rows[0].Count * (width + Gap)) - Gap, (rows.Count * (height + Gap)) - Gap);
        var sheet = new RgbImage(columnsWide, rowsHigh, new byte[columnsWide * rowsHigh * RgbImage.Channels]);
        sheet.Pixels.AsSpan().Fill(Paper);
        foreach (var (row, crops) in rows.Index())
        {
            foreach (var (column, crop) in crops.Index())
            {
                for (var y = 0; y < height; y++)
                {
                    var from = crop.Image.Row(crop.Top + (y / Enlargement));
                    var to = sheet.Row((row * (height + Gap)) + y)[(column * (width + Gap) * RgbImage.Channels)..];
                    for (var x = 0; x < width; x++)
                    {
                        from.Slice((crop.Left + (x / Enlargement)) * RgbImage.Channels, RgbImage.Channels).CopyTo(to[(x * RgbImage.Channels)..]);
                    }
                }
            }
        }

        return sheet;
    }

    /// <summary>A part of an image.</summary>
    internal readonly record struct Crop(RgbImage Image, int Left, int Top, int Width, int Height)
    {
        /// <summary>The middle of an image, at most so wide and high.</summary>
        public static Crop Middle(RgbImage image, int side)
        {
            var (width, height) = (Math.Min(side, image.Width), Math.Min(side, image.Height));
            return new Crop(image, (image.Width - width) / 2, (image.Height - height) / 2, width, height);
        }
    }
}
