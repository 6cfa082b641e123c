using System.IO.Hashing;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace LiteVae.Training;

/// <summary>
/// Lists a column's images in the run folder, so that the trainer, which reads them again and again in an order of its own, reads files: paths where they are, MLImages as
/// lossless PNG and bytes as they are, one row at a time.
/// </summary>
internal sealed class TrainingImages(string run, IChannel channel, CancellationToken cancellation)
{
    private readonly string _list = Path.Combine(run, "images.txt");

    /// <summary>Writes the list, <c>images.txt</c>, and what it names.</summary>
    /// <returns>The list's path.</returns>
    /// <exception cref="InvalidDataException">No row has an image.</exception>
    /// <exception cref="InvalidOperationException">The run was started on other images.</exception>
    public string Collect(IDataView rows, DataViewSchema.Column column)
    {
        var (lines, missing) = (new List<string>(), 0);
        Exception? first = null;
        using (var cursor = rows.GetRowCursor([column]))
        {
            var read = CreateReader(cursor, column);
            while (cursor.MoveNext())
            {
                cancellation.ThrowIfCancellationRequested();
                Func<string> keep;
                try
                {
                    keep = read();
                }
                catch (Exception e) when (e is not (OperationCanceledException or ObjectDisposedException))
                {
                    // Also what ML.NET's LoadImages throws where a file is missing: the encoder calls that a bad row, too.
                    if (missing++ == 0)
                    {
                        first = e;
                        channel.Warning(MessageSensitivity.None, "{0}", $"Row {cursor.Position} is left out of the training: {e.Message}");
                    }

                    continue;
                }

                lines.Add(keep());
            }
        }

        if (missing > 1)
        {
            channel.Warning(MessageSensitivity.None, "{0}", $"{missing} rows are left out of the training for want of an image.");
        }

        if (lines.Count == 0)
        {
            throw new InvalidDataException(
                $"The column '{column.Name}' has no image to train on: {(first is null ? "there are no rows." : $"all {missing} rows are without one. The first: {first.Message}")}", first);
        }

        WriteList(lines);
        return _list;
    }

    private void WriteList(List<string> lines)
    {
        if (new CheckpointFolder(run).Newest() is not null && !(File.Exists(_list) && File.ReadLines(_list).SequenceEqual(lines)))
        {
            throw new InvalidOperationException($"{run} holds a run on other images than these ({_list} lists a run's images): name another run folder, or delete this one to train anew.");
        }

        AtomicFile.WriteAllText(_list, string.Join("\n", lines) + "\n");
    }

    /// <summary>Something that reads the current row, as something that writes its file, where it needs one, and gives the list's line.</summary>
    private Func<Func<string>> CreateReader(DataViewRow row, DataViewSchema.Column column) => column.Type switch
    {
        TextDataViewType => PathReader(row, column),
        ImageDataViewType => ImageReader(row, column),
        _ => BytesReader(row, column),
    };

    private static Func<Func<string>> PathReader(DataViewRow row, DataViewSchema.Column column)
    {
        var get = row.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> value = default;
        return () =>
        {
            get(ref value);
            var path = value.ToString();

            // The list has a path a line, and its readers trim the lines.
            if (path.Length == 0 || path != path.Trim() || path.AsSpan().IndexOfAny('\r', '\n') >= 0)
            {
                throw new InvalidDataException($"the path in the column '{column.Name}' is '{path}': empty, or with spaces at its ends or a line break in it.");
            }

            var full = Path.GetFullPath(path);
            return () => full;
        };
    }

    private Func<Func<string>> ImageReader(DataViewRow row, DataViewSchema.Column column)
    {
        var read = ImageColumn.CreateReader(row, column, ImageLimits.Default);
        return () =>
        {
            var image = read()();
            return () => Keep(row.Position, Hash(image), ".png", path => PngFile.Save(path, image));
        };
    }

    private Func<Func<string>> BytesReader(DataViewRow row, DataViewSchema.Column column)
    {
        var get = row.GetGetter<VBuffer<byte>>(column);
        VBuffer<byte> value = default;
        return () =>
        {
            get(ref value);
            var file = value.Length > 0 ? new byte[value.Length] : throw new InvalidDataException($"there are no bytes in the column '{column.Name}'.");
            value.CopyTo(file);
            return () => Keep(row.Position, XxHash3.HashToUInt64(file), ".image", path => AtomicFile.WriteAllBytes(path, file));
        };
    }

    // Of the pixels and the size: one colour fills many shapes.
    private static ulong Hash(RgbImage image)
    {
        var hash = new XxHash3();
        hash.Append(BitConverter.GetBytes(image.Width));
        hash.Append(image.Pixels);
        return hash.GetCurrentHashAsUInt64();
    }

    /// <summary>Writes <c>images/ROW-HASH.ext</c>, where it is not there from an earlier start, and gives its path relative to the list.</summary>
    private string Keep(long position, ulong hash, string extension, Action<string> write)
    {
        // With the hash in the name the list also tells whether the pictures are the same.
        var name = $"images/{position:D8}-{hash:x16}{extension}";
        var path = Path.Combine(run, name);
        if (!File.Exists(path))
        {
            write(path);
        }

        return name;
    }
}
