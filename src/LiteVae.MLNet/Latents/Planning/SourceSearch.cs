using System.IO.Enumeration;

namespace LiteVae;

/// <summary>Finds the sources that inputs name, and hands them on as they are found: any number of them in little memory.</summary>
/// <param name="labels">Where labels come from.</param>
/// <param name="exclude">A folder that is not searched: the store itself.</param>
/// <param name="found">Receives each source.</param>
/// <param name="cancellation">Ends the search.</param>
internal sealed class SourceSearch(LabelSource labels, string exclude, Action<SourceRecord> found, CancellationToken cancellation)
{
    public const string TarExtension = ".tar";

    private const int MaxName = 32_768;
    private const int MaxCaption = 1_000_000;

    /// <summary>Finds the sources of an input.</summary>
    /// <param name="input">
    /// A folder, searched with its subfolders for images and .tar files, without hidden files and without following links to folders; a .txt list of paths of images or
    /// .tar files; a .tar file in the way of WebDataset; a .csv, .tsv or .parquet table with a column <c>path</c>, and <c>key</c>, <c>label</c> and <c>caption</c> where wanted; or an image.
    /// Relative paths are relative to the list's or table's folder.
    /// </param>
    /// <exception cref="FileNotFoundException">The input does not exist.</exception>
    /// <exception cref="InvalidDataException">A table is broken, or has no column of paths; a list or table is empty, or no regular file.</exception>
    public void Find(string input)
    {
        var path = Path.GetFullPath(input);
        if (Directory.Exists(path))
        {
            FindBelow(path);
            return;
        }

        if (!File.Exists(path))
        {
            throw Missing(input);
        }

        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".txt":
                FindListed(path);
                break;
            case TarExtension:
                FindMembers(path, KeyOfTar(Path.GetFileName(path)));
                break;
            case ".csv" or ".tsv":
                CsvTable.Read(path, (line, columns) => FindInTable(path, $"line {line}", columns));
                break;
            case ".parquet":
                PathTable.Read(path, (row, columns) => FindInTable(path, $"row {row}", columns));
                break;
            default:
                Add(new SourceRecord(Path.GetFileName(path), path), path);
                break;
        }
    }

    /// <summary>What is said of an input that is not there.</summary>
    public static FileNotFoundException Missing(string input) =>
        new($"The input '{FaultText.Printable(input)}' does not exist: name a folder, an image, a .tar file, a .txt list of paths, or a .csv, .tsv or .parquet table.", input);

    /// <summary>The source, or a failure in its place where a text of it is longer than a store takes.</summary>
    /// <param name="source">The source.</param>
    /// <param name="place">Where it was found.</param>
    public static SourceRecord Checked(SourceRecord source, string place) =>
        source.Key.Length > MaxName || source.Name().Length > MaxName || (source.Label?.Length ?? 0) > MaxName || (source.Caption?.Length ?? 0) > MaxCaption
            ? new SourceRecord(Shortened(source.Key), Shortened(place), Failure: $"its key, path or label has over {MaxName} characters, or its caption over {MaxCaption}")
            : source;

    private static string KeyOfTar(string key) => key.EndsWith(TarExtension, StringComparison.OrdinalIgnoreCase) ? key[..^TarExtension.Length] : key;

    private static bool IsTar(ReadOnlySpan<char> name) => Path.GetExtension(name).Equals(TarExtension, StringComparison.OrdinalIgnoreCase);

    private void FindBelow(string root)
    {
        var folders = new Stack<string>([root]);
        while (folders.TryPop(out var folder))
        {
            try
            {
                foreach (var (path, isFolder) in Entries(folder))
                {
                    if (path.Length == 0)
                    {
                        Unreadable(root, folder, "what lies in it has a path longer than the system takes"); // .NET gives an empty one then
                    }
                    else if (isFolder && path != exclude)
                    {
                        folders.Push(path);
                    }
                    else if (!isFolder)
                    {
                        FindFile(root, path);
                    }
                }
            }
            catch (Exception e) when (e is UnauthorizedAccessException or IOException and not SpillException && folder != root)
            {
                Unreadable(root, folder, e.Message);
            }
        }
    }

    private void Unreadable(string root, string folder, string reason) =>
        found(new SourceRecord(Shortened($"{ImageSource.KeyBelow(root, folder)}/"), Shortened(folder), Failure: $"the folder cannot be read: {reason}"));

    private static FileSystemEnumerable<(string Path, bool IsFolder)> Entries(string folder)
    {
        var options = new EnumerationOptions { IgnoreInaccessible = false, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System };
        return new FileSystemEnumerable<(string, bool)>(folder, (ref FileSystemEntry entry) => (entry.ToFullPath(), entry.IsDirectory), options)
        {
            // A link to a parent folder would never end.
            ShouldIncludePredicate = (ref FileSystemEntry entry) => entry.IsDirectory
                ? (entry.Attributes & FileAttributes.ReparsePoint) == 0
                : ImageSource.IsImage(entry.FileName) || IsTar(entry.FileName),
        };
    }

    private void FindListed(string list)
    {
        RegularFile.NonEmptyLength(list); // a pipe would never begin
        var folder = Path.GetDirectoryName(list)!;
        var number = 0L;
        foreach (var text in File.ReadLines(list))
        {
            number++;
            if (text.Trim() is { Length: > 0 } line)
            {
                if (TryPath(line, folder, out var path))
                {
                    FindFile(folder, path);
                }
                else
                {
                    Unusable(list, $"line {number}", line);
                }
            }
        }
    }

    private void FindFile(string root, string path)
    {
        var key = ImageSource.KeyBelow(root, path);
        if (IsTar(path))
        {
            FindMembers(path, KeyOfTar(key));
        }
        else
        {
            Add(new SourceRecord(key, path), path, FolderOf(key));
        }
    }

    private void FindMembers(string path, string key)
    {
        if (File.Exists(path))
        {
            TarSet.Read(path, key, source => Add(source, path), cancellation);
        }
        else
        {
            found(new SourceRecord(Shortened($"{key}/"), Shortened(path), Failure: "there is no such tar file"));
        }
    }

    private void FindInTable(string table, string place, TableRow row)
    {
        var folder = Path.GetDirectoryName(table)!;
        if (!TryPath(row.Path ?? "", folder, out var path))
        {
            Unusable(table, place, row.Path ?? "");
            return;
        }

        var key = string.IsNullOrEmpty(row.Key) ? ImageSource.KeyBelow(folder, path) : row.Key;
        Add(new SourceRecord(key, path, Label: NullIfEmpty(row.Label), Caption: NullIfEmpty(row.Caption)), $"{table}, {place}", FolderOf(ImageSource.KeyBelow(folder, path)));
    }

    private void Unusable(string table, string place, string path) =>
        found(new SourceRecord(Shortened($"{Path.GetFileName(table)}, {place}"), Shortened(table), Failure: $"'{FaultText.Printable(path)}' cannot be a path"));

    private static bool TryPath(string text, string folder, out string path)
    {
        path = text.Length is > 0 and <= MaxName && !text.Contains('\0', StringComparison.Ordinal) ? Path.GetFullPath(text, folder) : "";
        return path.Length > 0;
    }

    /// <summary>The folder that the last part of a key lies in, or null.</summary>
    private static string? FolderOf(string key) => key.Split('/') is [.., var folder, _] ? folder : null;

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string Shortened(string text) => text.Length <= MaxName ? text : text[..MaxName];

    private void Add(SourceRecord source, string place, string? folder = null)
    {
        cancellation.ThrowIfCancellationRequested();
        var checkedSource = Checked(source, place);
        found(checkedSource.Failure is null && source.Label is null && labels == LabelSource.Folders ? source with { Label = folder } : checkedSource);
    }
}
