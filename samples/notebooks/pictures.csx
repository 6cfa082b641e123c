// What the notebooks show pictures with: crops, sheets of pictures with captions, curves. Each loads it in its first cell.
using System.Globalization;
using System.IO;
using LiteVae;
using Microsoft.ML.Data;
using SkiaSharp;

/// <summary>The middle of a photo, a square brought to so many pixels.</summary>
RgbImage Middle(string path, int side)
{
    var photo = ImageDecoder.Decode(path);
    var square = Math.Min(photo.Width, photo.Height);
    return Resized(Crop(photo, (photo.Width - square) / 2, (photo.Height - square) / 2, square), side);
}

/// <summary>A square of a picture, as it is.</summary>
RgbImage Crop(RgbImage picture, int left, int top, int side)
{
    var pixels = new byte[side * side * 3];
    for (var y = 0; y < side; y++)
    {
        Buffer.BlockCopy(picture.Pixels, (((top + y) * picture.Width) + left) * 3, pixels, y * side * 3, side * 3);
    }

    return new RgbImage(side, side, pixels);
}

/// <summary>A picture brought to a square of so many pixels.</summary>
RgbImage Resized(RgbImage picture, int side)
{
    using var bitmap = Bitmap(picture);
    using var resized = bitmap.Resize(new SKImageInfo(side, side, SKColorType.Rgba8888, SKAlphaType.Opaque), SKFilterQuality.High);
    return FromRgba(side, side, resized.GetPixelSpan());
}

/// <summary>ML.NET's image, which is disposed, as ours.</summary>
RgbImage Rgb(MLImage image)
{
    using (image)
    {
        var rgba = image.Pixels.ToArray();
        for (var i = 0; i < rgba.Length && image.PixelFormat == MLPixelFormat.Bgra32; i += 4)
        {
            (rgba[i], rgba[i + 2]) = (rgba[i + 2], rgba[i]);
        }

        return FromRgba(image.Width, image.Height, rgba);
    }
}

/// <summary>A picture as a PNG file.</summary>
void SavePng(string path, RgbImage picture)
{
    using var bitmap = Bitmap(picture);
    using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
    File.WriteAllBytes(path, png.ToArray());
}

/// <summary>Shows pictures in rows, each brought to so many pixels and with its caption below.</summary>
void ShowSheet(int columns, int side, IEnumerable<(string Caption, RgbImage Picture)> pictures)
{
    const int Gap = 4;
    var list = pictures.ToList();
    var caption = list.Any(item => item.Caption.Length > 0) ? 16 : 0;
    var rows = (list.Count + columns - 1) / columns;
    using var sheet = new SKBitmap((columns * (side + Gap)) - Gap, (rows * (side + caption + Gap)) - Gap);
    using var canvas = new SKCanvas(sheet);
    canvas.Clear(SKColors.White);
    using var ink = new SKPaint { Color = SKColors.Black, TextSize = 12, IsAntialias = true };
    for (var i = 0; i < list.Count; i++)
    {
        var (left, top) = (i % columns * (side + Gap), i / columns * (side + caption + Gap));
        using var bitmap = Bitmap(list[i].Picture);
        using var paint = new SKPaint { FilterQuality = bitmap.Width < side / 2 ? SKFilterQuality.None : SKFilterQuality.High }; // what is much enlarged shows its pixels
        canvas.DrawBitmap(bitmap, new SKRect(left, top, left + side, top + side), paint);
        canvas.DrawText(list[i].Caption, left + 1, top + side + 12, ink);
    }

    canvas.Flush();
    Show(sheet, SKEncodedImageFormat.Jpeg, "image/jpeg");
}

/// <summary>Shows values against their number, the faint line, and their mean over a twentieth of them.</summary>
void ShowCurve(string title, IReadOnlyList<double> values)
{
    const int Width = 720, Height = 300, Left = 56, Bottom = 30, Top = 30;
    var (low, high) = (values.Min(), values.Max());
    using var chart = new SKBitmap(Width, Height);
    using var canvas = new SKCanvas(chart);
    canvas.Clear(SKColors.White);
    using var ink = new SKPaint { Color = SKColors.Black, TextSize = 13, IsAntialias = true };
    using var grid = new SKPaint { Color = new SKColor(225, 225, 225) };
    using var faint = new SKPaint { Color = new SKColor(175, 205, 235), IsStroke = true, IsAntialias = true };
    using var strong = new SKPaint { Color = new SKColor(20, 80, 160), StrokeWidth = 2, IsStroke = true, IsAntialias = true };
    canvas.DrawText(title, Left, 18, ink);
    for (var tick = 0; tick <= 4; tick++)
    {
        var value = low + ((high - low) * tick / 4);
        canvas.DrawLine(Left, Y(value), Width - 10, Y(value), grid);
        canvas.DrawText(value.ToString("0.000", CultureInfo.InvariantCulture), 8, Y(value) + 4, ink);
        canvas.DrawText((values.Count * tick / 4).ToString(CultureInfo.InvariantCulture), X(values.Count * tick / 4.0) - (tick == 4 ? 28 : 4), Height - 10, ink);
    }

    var window = Math.Max(1, values.Count / 20);
    Line(values, faint);
    Line([.. values.Select((_, i) => values.Skip(Math.Max(0, i - window + 1)).Take(Math.Min(window, i + 1)).Average())], strong);
    canvas.Flush();
    Show(chart, SKEncodedImageFormat.Png, "image/png");

    float X(double number) => (float)(Left + ((Width - Left - 10) * number / values.Count));
    float Y(double value) => (float)(Height - Bottom - ((Height - Bottom - Top) * (value - low) / Math.Max(1e-9, high - low)));
    void Line(IReadOnlyList<double> heights, SKPaint paint)
    {
        using var path = new SKPath();
        path.MoveTo(X(1), Y(heights[0]));
        for (var i = 1; i < heights.Count; i++)
        {
            path.LineTo(X(i + 1), Y(heights[i]));
        }

        canvas.DrawPath(path, paint);
    }
}

void Show(SKBitmap picture, SKEncodedImageFormat format, string mimeType)
{
    using var file = picture.Encode(format, 88);
    Convert.ToBase64String(file.ToArray()).DisplayAs(mimeType);
}

SKBitmap Bitmap(RgbImage picture)
{
    var rgba = new byte[picture.Width * picture.Height * 4];
    for (int from = 0, to = 0; to < rgba.Length; from += 3, to += 4)
    {
        (rgba[to], rgba[to + 1], rgba[to + 2], rgba[to + 3]) = (picture.Pixels[from], picture.Pixels[from + 1], picture.Pixels[from + 2], 255);
    }

    var bitmap = new SKBitmap(new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
    System.Runtime.InteropServices.Marshal.Copy(rgba, 0, bitmap.GetPixels(), rgba.Length);
    return bitmap;
}

RgbImage FromRgba(int width, int height, ReadOnlySpan<byte> rgba)
{
    var pixels = new byte[width * height * 3];
    for (int from = 0, to = 0; to < pixels.Length; from += 4, to += 3)
    {
        (pixels[to], pixels[to + 1], pixels[to + 2]) = (rgba[from], rgba[from + 1], rgba[from + 2]);
    }

    return new RgbImage(width, height, pixels);
}
