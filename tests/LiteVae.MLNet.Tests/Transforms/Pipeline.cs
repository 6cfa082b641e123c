using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace LiteVae.Tests.Transforms;

/// <summary>An ML.NET context, the tiny model in a folder of its own, and what the tests ask of it again and again.</summary>
internal sealed class Pipeline : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public Pipeline() => TinyModels.Write(ModelFolder);

    public MLContext Context { get; } = new(seed: 0);

    public IHost Host => ((IHostEnvironment)Context).Register("tests");

    public string ModelFolder => _folder.At("model");

    public string this[string name] => _folder.At(name);

    public LiteVaeEncodeOptions EncodeOptions(int batch = 8) =>
        new() { Model = ModelFolder, Width = PictureRow.Side, Height = PictureRow.Side, BatchSize = batch, Threads = 1 };

    public LiteVaeEncodingTransformer Encoder(LiteVaeEncodeOptions? options = null, string input = "Image") =>
        Context.Transforms.LiteVaeEncode("Latent", input, options ?? EncodeOptions()).Fit(Rows(1));

    public IDataView Rows(int count) => Context.Data.LoadFromEnumerable(PictureRow.Many(count));

    public IDataView Rows(params PictureRow[] rows) => Context.Data.LoadFromEnumerable(rows);

    public static float[][] Latents(IDataView view) => [.. view.GetColumn<float[]>("Latent")];

    /// <summary>The values of one row of a column, through a cursor.</summary>
    public static T First<T>(IDataView view, string name)
    {
        using var cursor = view.GetRowCursor([view.Schema[name]]);
        Assert.True(cursor.MoveNext());
        T value = default!;
        cursor.GetGetter<T>(view.Schema[name])(ref value);
        return value;
    }

    /// <summary>The shape of a schema, as ML.NET would propagate it.</summary>
    public static SchemaShape Shape(DataViewSchema schema) =>
        SchemaShapes.Append(new SchemaShape([]), [.. schema.Select(column => new DataViewSchema.DetachedColumn(column.Name, column.Type, column.Annotations))]);

    public void Dispose() => _folder.Dispose();
}
