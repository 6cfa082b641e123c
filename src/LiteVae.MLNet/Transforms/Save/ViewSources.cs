using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace LiteVae;

/// <summary>The rows of a data view as sources of a store, in their order.</summary>
/// <param name="view">The view; it must give the same rows at every reading.</param>
/// <param name="options">Which columns.</param>
internal sealed class ViewSources(IDataView view, LiteVaeSaveOptions options)
{
    private readonly DataViewSchema.Column _image = ImageColumn.Find(view.Schema, options.ImageColumn);
    private readonly DataViewSchema.Column? _key = TextColumn.Find(view.Schema, options.KeyColumn, nameof(options.KeyColumn));
    private readonly DataViewSchema.Column? _label = TextColumn.Find(view.Schema, options.LabelColumn, nameof(options.LabelColumn));
    private readonly DataViewSchema.Column? _caption = TextColumn.Find(view.Schema, options.CaptionColumn, nameof(options.CaptionColumn));

    /// <summary>How the pixels of the view's images become the encoder's input.</summary>
    public string Preprocessing => _image.Type is ImageDataViewType ? StoreSettings.PixelPreprocessing : StoreSettings.ThisPreprocessing;

    /// <summary>All sources, without reading an image; of several with one key all but the first have failed.</summary>
    /// <param name="folder">Where temporary files lie: keys are compared in bounded memory.</param>
    /// <param name="found">Hears how many rows were read.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public IEnumerable<PlannedSource> Sources(string folder, Action<long>? found, CancellationToken cancellation)
    {
        var repeated = Repeated(folder, found, cancellation);
        var count = 0L;
        foreach (var source in Read(cancellation))
        {
            yield return new PlannedSource(repeated.TryGetValue(source.Row, out var first)
                ? source.Record with { Failure = $"the key {FaultText.Printable(source.Record.Key)} is also that of row {first}" }
                : source.Record);
            count++;
        }

        if (count == 0)
        {
            throw new InvalidDataException("The data view has no rows: there is nothing to encode.");
        }
    }

    /// <summary>What loads the sources of parts, which are asked for in their order.</summary>
    /// <param name="paths">The store's files.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="planSha256">The plan's hash.</param>
    public ViewParts Open(StorePaths paths, StorePlan plan, string planSha256)
    {
        var cursor = view.GetRowCursor(Columns(_key is { } key ? [_image, key] : [_image]));
        return new ViewParts(cursor, ImageReader(cursor, plan.Settings), _key is null ? null : TextColumn.CreateReader(cursor, _key), paths, plan, planSha256);
    }

    /// <summary>The next row. An error of the view's own source must not be taken for one of the store.</summary>
    /// <exception cref="InvalidDataException">The view cannot be read.</exception>
    public static bool MoveNext(DataViewRowCursor cursor)
    {
        try
        {
            return cursor.MoveNext();
        }
        catch (IOException e)
        {
            throw new InvalidDataException($"The data view cannot be read: {e.Message}", e);
        }
    }

    private Dictionary<long, long> Repeated(string folder, Action<long>? found, CancellationToken cancellation)
    {
        using var sorter = new SourceSorter(folder);
        foreach (var (row, record) in Read(cancellation))
        {
            sorter.Add(new PlannedSource(new SourceRecord(record.Key, row.ToString("D19", CultureInfo.InvariantCulture)))); // those of one key by their rows
            found?.Invoke(sorter.Count);
        }

        var repeated = new Dictionary<long, long>();
        var (key, first) = ((string?)null, 0L);
        foreach (var (source, _) in sorter.Sorted())
        {
            var row = long.Parse(source.Path, CultureInfo.InvariantCulture);
            if (source.Key == key)
            {
                repeated.Add(row, first);
            }

            (key, first) = source.Key == key ? (key, first) : (source.Key, row);
        }

        return repeated;
    }

    private IEnumerable<(long Row, SourceRecord Record)> Read(CancellationToken cancellation)
    {
        var isPath = _image.Type is TextDataViewType;
        DataViewSchema.Column?[] wanted = [_key, _label, _caption, isPath ? _image : null];
        using var cursor = view.GetRowCursor(Columns(wanted.OfType<DataViewSchema.Column>()));
        var (key, label, caption) = (TextColumn.CreateReader(cursor, _key), TextColumn.CreateReader(cursor, _label), TextColumn.CreateReader(cursor, _caption));
        var path = TextColumn.CreateReader(cursor, isPath ? _image : null);
        for (var row = 0L; MoveNext(cursor); row++)
        {
            cancellation.ThrowIfCancellationRequested();
            var name = $"row {row}";
            var file = path();
            var source = new SourceRecord(_key is null ? row.ToString("D10", CultureInfo.InvariantCulture) : key() ?? "", file is null || file.Contains('\0', StringComparison.Ordinal) ? name : Path.GetFullPath(file), Label: label(), Caption: caption());
            source = SourceSearch.Checked(source, name);
            yield return (row, source.Key.Length == 0 ? source with { Key = name, Failure = $"there is no key in the column '{_key!.Value.Name}'" }
                : isPath && source.Path == name ? source with { Failure = $"there is no path in the column '{_image.Name}'" }
                : source);
        }
    }

    private IEnumerable<DataViewSchema.Column> Columns(IEnumerable<DataViewSchema.Column> columns) => columns.DistinctBy(column => column.Index);

    private Func<SourceRecord, Func<LoadedSource>> ImageReader(DataViewRow row, StoreSettings settings)
    {
        switch (_image.Type)
        {
            case TextDataViewType:
                return source => () => SourceLoading.Load(source, settings);
            case ImageDataViewType:
                var image = ImageColumn.CreateReader(row, _image, ImageLimits.Default);
                return source =>
                {
                    var pixels = image()();
                    return () => SourceLoading.Fit(source, pixels, Sha256Text.Of(pixels.Pixels), settings);
                };
            default:
                var get = row.GetGetter<VBuffer<byte>>(_image);
                VBuffer<byte> value = default;
                return source =>
                {
                    get(ref value);
                    var file = new byte[value.Length];
                    value.CopyTo(file);
                    return () => SourceLoading.Load(source, settings, () => file);
                };
        }
    }
}
