#:project ../src/LiteVae.MLNet/LiteVae.MLNet.csproj
#:package Microsoft.ML.OnnxRuntime
#:package SkiaSharp.NativeAssets.Linux.NoDependencies
#:property PublishAot=false

// An app that loads a pipeline saved by another one, which 03-features.cs makes, and says to which group photos belong. It names nothing of the autoencoder: ML.NET
// finds what it needs in the package. From the repository's root:
//     dotnet run samples/04-load.cs -- out/groups.zip samples/photos/coffee.jpg
using Microsoft.ML;
using Microsoft.ML.Data;

if (args is not [var file, .. var photos] || photos.Length == 0)
{
    Console.Error.WriteLine("Usage: PIPELINE.zip PHOTO...");
    return 2;
}

// README:begin load
var ml = new MLContext();
using var engine = ml.Model.CreatePredictionEngine<Photo, Group>(ml.Model.Load(file, out _));
foreach (var photo in photos)
{
    var group = engine.Predict(new Photo { Path = photo });
    Console.WriteLine($"{photo}: group {group.Number}, squared distances {string.Join(" ", group.Distances.Select(distance => $"{distance:F0}"))}");
}
// README:end
return 0;

internal sealed class Photo
{
    public string Path { get; set; } = "";
}

internal sealed class Group
{
    [ColumnName("PredictedLabel")]
    public uint Number { get; set; }

    [ColumnName("Score")]
    public float[] Distances { get; set; } = [];
}
