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
        if (Fault() is { } fault)
        {
            found(new SourceRecord($"{key}/", path, Failure: $"the tar file cannot be read {(samples > 0 ? $"beyond its first {samples} samples" : "")}: {FaultText.Printable(fault)}".Replace(" :", ":", StringComparison.Ordinal)));
        }

        string? Fault()
        {
            FileStream? stream = null;
            TarReader? reader = null;
            try
            {
                if (!Attempt(() => reader = new TarReader(stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 4096)), out var opening))
                {
                    return opening;
                }

                TarSample? sample = null;
                while (true)
                {
                    cancellation.ThrowIfCancellationRequested();
                    TarEntry? entry = null;
                    if (!Attempt(() => entry = reader!.GetNextEntry(), out var reading))
                    {
                        Emit(sample);
                        return reading;
                    }

                    if (entry is null)
                    {
                        Emit(sample);
                        return stream!.Length == 0 ? "it is empty" : null;
                    }

                    if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile))
                    {
                        continue;
                    }

                    if (entry.DataOffset + entry.Length > stream!.Length)
                    {
                        Emit(sample);
                        return $"it ends inside the member {entry.Name}";
                    }

                    var (stem, extension) = Split(entry.Name);
                    if (sample?.Stem != stem)
                    {
                        Emit(sample);
                        sample = new TarSample(stem);
                    }

                    if (!Attempt(() => sample.Add(entry, extension), out var adding))
                    {
                        sample.Fault ??= $"{entry.Name} cannot be read: {adding}";
                    }
                }
            }
            finally
            {
                reader?.Dispose();
                stream?.Dispose();
            }
        }

        void Emit(TarSample? sample)
        {
            samples += sample is null ? 0 : 1;
            foreach (var (name, offset, length) in sample?.Images() ?? [])
            {
                found(new SourceRecord($"{key}/{sample!.Stem}", path, name, offset, length, sample.Label, sample.Caption, sample.Fault));
            }
        }
    }

    /// <summary>Runs what a hostile file may make fail in any way.</summary>
    private static bool Attempt(Action action, out string fault)
    {
        try
        {
            action();
            fault = "";
            return true;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or FormatException or ArgumentException or OverflowException or NotSupportedException or JsonException or InvalidOperationException)
        {
            fault = e.Message;
            return false;
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
                default:
                    if (ImageSource.IsImage(entry.Name))
                    {
                        _images.Add((entry.Name, entry.DataOffset, entry.Length, extension.LastIndexOf('.') == 0));
                    }

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
