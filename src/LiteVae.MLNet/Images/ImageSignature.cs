namespace LiteVae;

/// <summary>Says what a file that is no supported image looks like, from its first bytes.</summary>
internal static class ImageSignature
{
    /// <summary>A clause such as "it looks like a TIFF image, a format that is not supported".</summary>
    public static string Describe(ReadOnlySpan<byte> bytes)
    {
        if (UnsupportedFormat(bytes) is { } format)
        {
            return $"it looks like {format}, which is not supported";
        }

        var start = bytes[..Math.Min(bytes.Length, 8)];
        var text = string.Concat(start.ToArray().Select(b => b is >= 32 and < 127 ? (char)b : '.'));
        return $"its first bytes are {Convert.ToHexString(start)} ('{text}')";
    }

    private static string? UnsupportedFormat(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= 12 && bytes[4..8].SequenceEqual("ftyp"u8))
        {
            var brand = bytes[8..12];
            return brand.StartsWith("avi"u8) ? "an AVIF image"
                : brand.StartsWith("hei"u8) || brand.StartsWith("hev"u8) || brand.StartsWith("mif1"u8) ? "a HEIC or AVIF image"
                : "a video or another MP4-like file";
        }

        return bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8) ? "a TIFF or camera raw image"
            : bytes.StartsWith("\0\0\0\x0CJXL "u8) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]) ? "a JPEG XL image"
            : bytes.StartsWith("\0\0\0\x0CjP"u8) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51]) ? "a JPEG 2000 image"
            : bytes.StartsWith("8BPS"u8) ? "a Photoshop image"
            : bytes.StartsWith("\0\0\x01\0"u8) ? "an icon"
            : bytes.StartsWith("qoif"u8) ? "a QOI image"
            : bytes.StartsWith("%PDF"u8) ? "a PDF document"
            : bytes.StartsWith("PK\x03\x04"u8) ? "a zip archive"
            : bytes.StartsWith("version https://git-lfs"u8) ? "a Git LFS pointer in place of the image (run 'git lfs pull')"
            : IsMarkup(bytes, "<svg"u8) || IsMarkup(bytes, "<?xml"u8) ? "an SVG image or another XML text"
            : IsMarkup(bytes, "<!DOCTYPE"u8) || IsMarkup(bytes, "<html"u8) ? "a web page (a failed download?)"
            : bytes is [(byte)'P', >= (byte)'1' and <= (byte)'7', (byte)'\n' or (byte)' ', ..] ? "a PNM image"
            : null;
    }

    private static bool IsMarkup(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> tag)
    {
        var start = bytes[..Math.Min(bytes.Length, 256)].TrimStart("\uFEFF \t\r\n"u8);
        return start.Length >= tag.Length && System.Text.Ascii.EqualsIgnoreCase(start[..tag.Length], tag);
    }
}
