namespace LiteVae.Cli.Reports;

/// <summary>Input, output and error of one image, side by side.</summary>
internal static class ComparisonPicture
{
    /// <summary>Factor of the error in the picture: one of 1/8 of the full range shows as white.</summary>
    public const int ErrorGain = 8;

    /// <summary>Draws the three, each as large as the image: input | output | absolute difference times <see cref="ErrorGain"/>.</summary>
    public static RgbImage Draw(RgbImage input, RgbImage output)
    {
        var picture = new RgbImage(checked(3 * input.Width), input.Height, new byte[checked(3 * input.Pixels.Length)]);
        for (var y = 0; y < input.Height; y++)
        {
            var from = input.Row(y);
            var made = output.Row(y);
            var row = picture.Row(y);
            from.CopyTo(row);
            made.CopyTo(row[from.Length..]);
            var error = row[(2 * from.Length)..];
            for (var i = 0; i < from.Length; i++)
            {
                error[i] = (byte)Math.Min(255, ErrorGain * Math.Abs(from[i] - made[i]));
            }
        }

        return picture;
    }
}
