#:project ../src/LiteVae.MLNet/LiteVae.MLNet.csproj
#:package Microsoft.ML.OnnxRuntime
#:package SkiaSharp.NativeAssets.Linux.NoDependencies
#:property PublishAot=false

// Latents as features for a stock trainer: groups a folder's photos by what they look like, and saves the pipeline, which 04-load.cs uses. From the repository's root:
//     dotnet run samples/03-features.cs -- samples/photos out/groups.zip
using LiteVae;
using Microsoft.ML;
using Microsoft.ML.Data;

if (args is not [var folder, var file])
{
    Console.Error.WriteLine("Usage: FOLDER PIPELINE.zip");
    return 2;
}

// README:begin features
var ml = new MLContext(seed: 0);
var photos = ml.Data.LoadFromEnumerable(Directory.GetFiles(folder, "*.jpg").Order().Select(path => new Photo { Path = path }));
var pipeline = ml.Transforms.LiteVaeEncode("Latent", "Path", new LiteVaeEncodeOptions { Width = 64, Height = 64, OnError = OnRowError.Missing })
    .Append(ml.Transforms.ReplaceMissingValues("Latent")) // files that cannot be read: the encoder's MissingRows counts them
    .AppendCacheCheckpoint(ml) // the trainer reads its rows many times
    .Append(ml.Clustering.Trainers.KMeans("Latent", numberOfClusters: 3));
using var model = pipeline.Fit(photos);
ml.Model.Save(model, photos.Schema, file); // the VAE is inside
// README:end

foreach (var group in ml.Data.CreateEnumerable<Group>(model.Transform(photos), reuseRowObject: false).GroupBy(photo => photo.Number).OrderBy(group => group.Key))
{
    Console.WriteLine($"group {group.Key}: {string.Join(", ", group.Select(photo => Path.GetFileName(photo.Path)))}");
}

Console.WriteLine($"saved {file}, {new FileInfo(file).Length / 1e6:F1} MB");
return 0;

internal sealed class Photo
{
    public string Path { get; set; } = "";
}

internal sealed class Group
{
    public string Path { get; set; } = "";

    [ColumnName("PredictedLabel")]
    public uint Number { get; set; }
}
