namespace LiteVae;

/// <summary>Reads a source, decodes it and brings it to its size.</summary>
internal static class SourceLoading
{
    /// <summary>Loads a source; what is wrong with it is part of the result.</summary>
    public static LoadedSource Load(SourceRecord source, StoreSettings settings)
    {
        if (source.Failure is { } known)
        {
            return LoadedSource.Failed(source, known, ModelMetrics.Planned);
        }

        return Load(source, settings, () => source.Member is null ? ImageDecoder.ReadFile(source.Path, ImageLimits.Default) : ReadMember(source, source.Name()));
    }

    /// <summary>Loads a source whose bytes come from somewhere else; what is wrong with it is part of the result.</summary>
    /// <param name="source">The source.</param>
    /// <param name="settings">The store's settings.</param>
    /// <param name="read">Gives the bytes of an image file.</param>
    public static LoadedSource Load(SourceRecord source, StoreSettings settings, Func<byte[]> read)
    {
        var name = source.Name();
        try
        {
            var bytes = read(); // once for both, so that the hash is of the bytes that were encoded
            return Fit(source, ImageDecoder.Decode(bytes, name), Sha256Text.Of(bytes), settings);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException or NotSupportedException or OverflowException)
        {
            return LoadedSource.Failed(source, Reason(e, name), e.GetType().Name);
        }
    }

    /// <summary>Brings an image to its size.</summary>
    /// <param name="source">Its source.</param>
    /// <param name="image">The image.</param>
    /// <param name="sha256">SHA-256 of what it was read from.</param>
    /// <param name="settings">The store's settings.</param>
    public static LoadedSource Fit(SourceRecord source, RgbImage image, string sha256, StoreSettings settings)
    {
        var index = AspectBuckets.Nearest(settings.Sizes, image.Width, image.Height);
        var size = settings.Sizes[index];
        var box = BicubicResizer.CoverBox(image.Width, image.Height, size.Width, size.Height);
        var row = new LatentRow(source.Key, source.Name(), sha256, image.Width, image.Height, box.Left, box.Top, box.Width, box.Height, 0, source.Label, source.Caption);
        return new LoadedSource(source, index, BicubicResizer.Fit(image, size.Width, size.Height, ResizePolicy.CenterCrop), row, null);
    }

    private static byte[] ReadMember(SourceRecord source, string name)
    {
        if (!File.Exists(source.Path))
        {
            throw new FileNotFoundException($"{name}: there is no such tar file any more.", source.Path);
        }

        var length = source.Length ?? 0;
        ImageDecoder.CheckFileSize(length, name, ImageLimits.Default);
        RegularFile.NonEmptyLength(source.Path); // a pipe would never begin
        using var file = File.OpenHandle(source.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[length];
        return FileReading.Fill(file, bytes, source.Offset ?? 0) == bytes.Length ? bytes
            : throw new InvalidDataException($"{name}: the tar file ends inside this member: it was changed since the store was planned.");
    }

    /// <summary>An exception's message, without the name that it often begins with.</summary>
    private static string Reason(Exception e, string name)
    {
        var prefix = $"{name}: ";
        return e.Message.StartsWith(prefix, StringComparison.Ordinal) ? e.Message[prefix.Length..] : e.Message;
    }
}
