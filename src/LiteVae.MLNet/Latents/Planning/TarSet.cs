using System.Formats.Tar;
using System.Text;
using System.Text.Json;

namespace LiteVae;

/// <summary>A tar file in the way of WebDataset: members with the same name up to the first dot are one sample, and stand together.</summary>
/// <remarks>Images are read later, from their place in the file, so it must not be compressed. Captions are in <c>.txt</c>, labels in <c>.cls</c>, either in <c>.json</c> (<c>caption</c>, <c>label</c> or <c>cls</c>).</remarks>
internal static class TarSet
{
    private const int MaxTextBytes = 4 << 20;

    /// <summary>Finds the samples; what is wrong with the file itself becomes a source that has failed.</summary>
    /// <param name="path">The tar file.</param>
    /// <param name="key">What the samples' keys begin with, before a slash.</param>
    /// <param name="found">Receives each sample's image.</param>
    /// <param name="cancellation">Ends the search.</param>
    public static void Read(string path, string key, Action<SourceRecord> found, CancellationToken cancellation)
    {
        var samples = 0L;
        TarSample? sample = null;
        string? fault;
        var isMember = false;
        using var members = Members(path, cancellation).GetEnumerator();
        while ((fault = Fault(() => isMember = members.MoveNext())) is null && isMember)
        {
            var entry = members.Current;
            var (stem, extension) = Split(entry.Name);
            if (sample?.Stem != stem)
            {
                Emit();
                sample = new TarSample(stem);
            }

            if (Fault(() => sample.Add(entry, extension)) is { } adding)
            {
                sample.Fault ??= $"{entry.Name} cannot be read: {adding}";
            }
        }

        Emit();
        if (fault is not null)
        {
            found(new SourceRecord($"{key}/", path, Failure: $"the tar file cannot be read{(samples > 0 ? $" beyond its first {samples} samples" : "")}: {FaultText.Printable(fault)}"));
        }

        void Emit()
        {
            samples += sample is null ? 0 : 1;
            foreach (var (name, offset, length) in sample?.Images() ?? [])
            {
                found(new SourceRecord($"{key}/{sample!.Stem}", path, name, offset, length, sample.Label, sample.Caption, sample.Fault));
            }
        }
    }

    /// <summary>The files and links in a tar file, up to its end or to where it is damaged.</summary>
    private static IEnumerable<TarEntry> Members(string path, CancellationToken cancellation)
    {
        var length = RegularFile.Length(path);
        if (length == 0)
        {
            throw new InvalidDataException("it is empty, or no regular file"); // to open a pipe is to wait for who writes to it
        }

        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        using var stream = new FileStream(file, FileAccess.Read, bufferSize: 4096);
        using var reader = new TarReader(stream);
        for (var offset = 0L; TarBlocks.IsMember(file, offset, cancellation);)
        {
            cancellation.ThrowIfCancellationRequested();
            var entry = reader.GetNextEntry() ?? throw new InvalidDataException($"the header at byte {offset} has no member");
            if (entry.Length > length - entry.DataOffset)
            {
                throw new InvalidDataException($"it ends inside the member {entry.Name}");
            }

            offset = TarBlocks.Next(entry.DataOffset + entry.Length);
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile or TarEntryType.HardLink or TarEntryType.SymbolicLink)
            {
                yield return entry;
            }
        }
    }

    /// <summary>Runs what a hostile file may make fail in any way.</summary>
    /// <returns>Why it failed, or null.</returns>
    private static string? Fault(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or FormatException or ArgumentException or OverflowException or NotSupportedException or JsonException or InvalidOperationException)
        {
            return e.Message;
        }
    }

    /// <summary>A member's name up to the first dot after its folders, and what follows.</summary>
    private static (string Stem, string Extension) Split(string name)
    {
        name = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
        var dot = name.IndexOf('.', name.LastIndexOf('/') + 1);
        return dot < 0 ? (name, "") : (name[..dot], name[dot..].ToLowerInvariant());
    }

    private sealed class TarSample(string stem)
    {
        private readonly List<(string Name, long Offset, long Length, bool IsPlain)> _images = [];

        public string Stem { get; } = stem;

        public string? Label { get; private set; }

        public string? Caption { get; private set; }

        public string? Fault { get; set; }

        /// <summary>The images: <c>x.jpg</c> before, and in place of, any <c>x.mask.png</c>.</summary>
        public IEnumerable<(string Name, long Offset, long Length)> Images() =>
            (_images.Any(image => image.IsPlain) ? _images.Where(image => image.IsPlain) : _images.Take(1)).Select(image => (image.Name, image.Offset, image.Length));

        public void Add(TarEntry entry, string extension)
        {
            if (ImageSource.IsImage(entry.Name))
            {
                _images.Add((entry.Name, entry.DataOffset, entry.Length, extension.LastIndexOf('.') == 0));
            }

            // GNU tar writes a file that it has met under another name as a link
            if (entry.EntryType is TarEntryType.HardLink or TarEntryType.SymbolicLink)
            {
                throw new InvalidDataException($"it is a link to {FaultText.Printable(entry.LinkName)}. Put the file itself there (tar --dereference --hard-dereference).");
            }

            switch (extension)
            {
                case ".txt":
                    Caption = Text(entry).Trim();
                    break;
                case ".cls":
                    Label = Text(entry).Trim();
                    break;
                case ".json":
                    AddJson(Text(entry));
                    break;
            }
        }

        private static string Text(TarEntry entry)
        {
            if (entry.Length > MaxTextBytes)
            {
                throw new InvalidDataException($"it has {entry.Length} bytes; at most {MaxTextBytes} are read.");
            }

            using var reader = new StreamReader(entry.DataStream ?? Stream.Null, Encoding.UTF8);
            return reader.ReadToEnd();
        }

        private void AddJson(string text)
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
            {
                Label ??= Member("label") ?? Member("cls");
                Caption ??= Member("caption");
            }

            string? Member(string name) => json.RootElement.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? value.ToString() : null;
        }
    }
}
