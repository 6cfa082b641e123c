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
        using (var cursor = rows.GetRowCursor([column]))
        {
            var keep = CreateKeeper(cursor, column);
            while (cursor.MoveNext())
            {
                cancellation.ThrowIfCancellationRequested();
                try
                {
                    lines.Add(keep(cursor.Position));
                }
                catch (InvalidDataException e)
                {
                    if (missing++ == 0)
                    {
                        channel.Warning(MessageSensitivity.None, "{0}", $"Row {cursor.Position} is left out of the training: {e.Message}");
                    }
                }
            }
        }

        if (missing > 1)
        {
            channel.Warning(MessageSensitivity.None, "{0}", $"{missing} rows are left out of the training for want of an image.");
        }

        if (lines.Count == 0)
        {
            throw new InvalidDataException($"The column '{column.Name}' has no image to train on: {(missing == 0 ? "there are no rows" : $"all {missing} rows are without one")}.");
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

    /// <summary>Something that gives the list's line for the current row.</summary>
    private Func<long, string> CreateKeeper(DataViewRow row, DataViewSchema.Column column) => column.Type switch
    {
        TextDataViewType => PathKeeper(row, column),
        ImageDataViewType => ImageKeeper(row, column),
        _ => BytesKeeper(row, column),
    };

    private static Func<long, string> PathKeeper(DataViewRow row, DataViewSchema.Column column)
    {
        var get = row.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> value = default;
        return _ =>
        {
            get(ref value);
            var path = value.ToString();

            // The list has a path a line, and its readers trim the lines.
            return path.Length > 0 && path == path.Trim() && !path.Contains('\n', StringComparison.Ordinal)
                ? Path.GetFullPath(path)
                : throw new InvalidDataException($"the path in the column '{column.Name}' is '{path}': empty, or with spaces at its ends or a line break in it.");
        };
    }

    private Func<long, string> ImageKeeper(DataViewRow row, DataViewSchema.Column column)
    {
        var read = ImageColumn.CreateReader(row, column);
        return position =>
        {
            var image = read()();
            return Keep(position, image.Pixels, ".png", path => PngFile.Save(path, image));
        };
    }

    private Func<long, string> BytesKeeper(DataViewRow row, DataViewSchema.Column column)
    {
        var get = row.GetGetter<VBuffer<byte>>(column);
        VBuffer<byte> value = default;
        return position =>
        {
            get(ref value);
            if (value.Length == 0)
            {
                throw new InvalidDataException($"there are no bytes in the column '{column.Name}'.");
            }

            var file = new byte[value.Length];
            value.CopyTo(file);
            return Keep(position, file, ".image", path => AtomicFile.WriteAllBytes(path, file));
        };
    }

    /// <summary>Writes <c>images/ROW-HASH.ext</c>, where it is not there from an earlier start, and gives its path relative to the list.</summary>
    private string Keep(long position, byte[] content, string extension, Action<string> write)
    {
        // With the hash in the name the list also tells whether the pictures are the same.
        var name = $"images/{position:D8}-{XxHash3.HashToUInt64(content):x16}{extension}";
        var path = Path.Combine(run, name);
        if (!File.Exists(path))
        {
            write(path);
        }

        return name;
    }
}
