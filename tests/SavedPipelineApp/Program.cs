// SavedPipelineApp PIPELINE.zip COLUMN PHOTO...: loads the pipeline and prints, as JSON, the vectors of a column for the photos, read as a batch and predicted
// one by one, and how many rows had been read ahead when the first vector was there.
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;

var (file, column, photos) = (args[0], args[1], args[2..]);
var context = new MLContext(seed: 0);
var pipeline = context.Model.Load(file, out _);

var read = 0;
var rows = pipeline.Transform(context.Data.LoadFromEnumerable(Photos()));
var batch = new List<float[]>();
int? readAhead = null;
using (var cursor = rows.GetRowCursor([rows.Schema[column]]))
{
    var get = cursor.GetGetter<VBuffer<float>>(rows.Schema[column]);
    VBuffer<float> value = default;
    while (cursor.MoveNext())
    {
        get(ref value);
        readAhead ??= read;
        batch.Add([.. value.DenseValues()]);
    }
}

var output = SchemaDefinition.Create(typeof(Result));
output[nameof(Result.Vector)].ColumnName = column;
using var engine = context.Model.CreatePredictionEngine<Photo, Result>(pipeline, outputSchemaDefinition: output);
var single = photos.Select(photo => engine.Predict(new Photo { Path = photo }).Vector).ToArray();
Console.WriteLine(JsonSerializer.Serialize(new { batch, single, readAhead }));

IEnumerable<Photo> Photos()
{
    foreach (var photo in photos)
    {
        read++;
        yield return new Photo { Path = photo };
    }
}

internal sealed class Photo
{
    public string Path { get; set; } = "";
}

internal sealed class Result
{
    [VectorType]
    public float[] Vector { get; set; } = [];
}
