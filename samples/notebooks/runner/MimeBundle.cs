using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using SkiaSharp;

namespace LiteVae.Notebooks;

/// <summary>A value as notebooks hold it: the same thing under one or more media types.</summary>
internal static class MimeBundle
{
    private const string Text = "text/plain";
    private const string Html = "text/html";
    private const string Png = "image/png";
    private const string Jpeg = "image/jpeg";
    private const int PreviewRows = 10;

    /// <summary>A picture, a table, or a text.</summary>
    public static JsonObject Of(object? value) => value switch
    {
        string text => Of(text, Text),
        RgbImage image => OfPng(image),
        MLImage image => OfPng(image),
        SKBitmap bitmap => OfPng(bitmap),
        byte[] file when IsPng(file) => Of(Convert.ToBase64String(file), Png),
        byte[] file when IsJpeg(file) => Of(Convert.ToBase64String(file), Jpeg),
        IDataView view => OfTable(ValueTable.Of(view, PreviewRows)),
        IEnumerable rows when ValueTable.Of(rows) is { } table => OfTable(table),
        _ => Of(PlainText(value), Text),
    };

    /// <summary>Something whose media type is known.</summary>
    public static JsonObject Of(string value, string mimeType) => new()
    {
        [mimeType] = mimeType.StartsWith("text/", StringComparison.Ordinal) ? CellOutputs.Lines(value) : JsonValue.Create(value),
    };

    /// <summary>A value in words.</summary>
    public static string PlainText(object? value) => value switch
    {
        null => "null",
        string text => text,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable values => $"[{string.Join(", ", values.Cast<object?>().Select(PlainText))}]",
        _ => value.ToString() ?? "",
    };

    private static JsonObject OfTable(ValueTable table)
    {
        var bundle = Of(table.ToText(), Text);
        bundle[Html] = CellOutputs.Lines(table.ToHtml());
        return bundle;
    }

    private static JsonObject OfPng(RgbImage image)
    {
        using var png = PngFile.Encode(image);
        return OfPng(png);
    }

    private static unsafe JsonObject OfPng(MLImage image)
    {
        var colours = image.PixelFormat == MLPixelFormat.Rgba32 ? SKColorType.Rgba8888 : SKColorType.Bgra8888;
        var info = new SKImageInfo(image.Width, image.Height, colours, SKAlphaType.Unpremul);
        fixed (byte* pixels = image.Pixels)
        {
            using var pixmap = new SKPixmap(info, (nint)pixels, info.RowBytes);
            using var png = pixmap.Encode(SKPngEncoderOptions.Default);
            return OfPng(png);
        }
    }

    private static JsonObject OfPng(SKBitmap bitmap)
    {
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return OfPng(png);
    }

    private static JsonObject OfPng(SKData png) => Of(Convert.ToBase64String(png.AsSpan()), Png);

    private static bool IsPng(byte[] file) => file.AsSpan().StartsWith<byte>([0x89, (byte)'P', (byte)'N', (byte)'G']);

    private static bool IsJpeg(byte[] file) => file.AsSpan().StartsWith<byte>([0xFF, 0xD8, 0xFF]);
}
