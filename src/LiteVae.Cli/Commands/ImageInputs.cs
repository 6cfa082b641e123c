namespace LiteVae.Cli.Commands;

/// <summary>The images that a command line names, and the inputs that are not there.</summary>
/// <param name="Sources">The images, sorted by key.</param>
/// <param name="Missing">Inputs that do not exist.</param>
internal sealed record ImageInputs(IReadOnlyList<ImageSource> Sources, IReadOnlyList<InputFailure> Missing)
{
    /// <summary>Finds the images; an input that does not exist is a failure, not the end.</summary>
    /// <param name="inputs">Files, folders and lists.</param>
    /// <param name="output">A folder that the command writes to: what lies in it is not an input. Null for none.</param>
    /// <exception cref="InvalidDataException">There is not one image.</exception>
    public static ImageInputs Find(IReadOnlyList<string> inputs, string? output = null)
    {
        var missing = inputs.Where(input => !Path.Exists(input)).Select(input => new InputFailure(input, "does not exist: name an image, a folder of images or a .txt list of paths")).ToList();
        var sources = ImageSource.Find(inputs.Where(Path.Exists));
        if (output is not null && !inputs.Any(input => Path.GetFullPath(input) == Path.GetFullPath(output)))
        {
            var own = Path.GetFullPath(output).TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar;
            sources = [.. sources.Where(source => !source.Path.StartsWith(own, StringComparison.Ordinal))];
        }

        return sources.Count > 0
            ? new ImageInputs(sources, missing)
            : throw new InvalidDataException($"No images found in {string.Join(", ", inputs)}{(missing.Count > 0 ? $" ({string.Join("; ", missing)})" : "")}: looked for .jpg, .jpeg, .png, .webp, .bmp and .gif, in subfolders too.");
    }
}

/// <summary>An input that could not be done.</summary>
/// <param name="Path">The file, as a full path where it was found.</param>
/// <param name="Reason">Why, in a sentence.</param>
internal sealed record InputFailure(string Path, string Reason)
{
    /// <summary>The failure that an exception tells of; its message often begins with the path, which is not repeated.</summary>
    public static InputFailure From(string path, Exception e)
    {
        var prefix = $"{path}: ";
        return new InputFailure(path, e.Message.StartsWith(prefix, StringComparison.Ordinal) ? e.Message[prefix.Length..] : e.Message);
    }

    /// <summary>Whether an exception concerns one input only, so that the others can still be done.</summary>
    public static bool IsOfOneInput(Exception e) => e is IOException or InvalidDataException or UnauthorizedAccessException or InvalidOperationException;

    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Reason}";
}
