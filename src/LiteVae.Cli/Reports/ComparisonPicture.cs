namespace LiteVae.Cli.Reports;

/// <summary>Input, output and error map of one image, side by side.</summary>
internal static class ComparisonPicture
{
    /// <summary>Draws the three, each as large as the image: input | output | error map.</summary>
    public static RgbImage Draw(RgbImage input, RgbImage output)
    {
        var picture = new RgbImage(checked(3 * input.Width), input.Height, new byte[checked(3 * input.Pixels.Length)]);
        RgbImage[] parts = [input, output, ErrorMap.Of(input, output)];
        for (var y = 0; y < input.Height; y++)
        {
            var row = picture.Row(y);
            for (var i = 0; i < parts.Length; i++)
            {
                parts[i].Row(y).CopyTo(row[(i * parts[i].Row(y).Length)..]);
            }
        }

        return picture;
    }

    /// <summary>Input and output of a picture that was drawn.</summary>
    /// <exception cref="InvalidDataException">It is not as wide as three of the image.</exception>
    public static (RgbImage Input, RgbImage Output) Split(RgbImage picture, int width)
    {
        return picture.Width == 3 * width ? (Part(0), Part(1)) : throw new InvalidDataException($"The picture is {picture.Width} pixels wide, not three times {width}.");

        RgbImage Part(int index)
        {
            var part = new RgbImage(width, picture.Height, new byte[width * picture.Height * RgbImage.Channels]);
            for (var y = 0; y < picture.Height; y++)
            {
                var row = part.Row(y);
                picture.Row(y).Slice(index * row.Length, row.Length).CopyTo(row);
            }

            return part;
        }
    }
}
