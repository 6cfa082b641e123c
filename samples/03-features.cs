#:project ../src/LiteVae.MLNet/LiteVae.MLNet.csproj
#:package Microsoft.ML.OnnxRuntime
#:package SkiaSharp.NativeAssets.Linux.NoDependencies
#:property PublishAot=false

// Latents as features for a stock trainer: groups a folder's photos by what they look like, saves the pipeline, and, in another process, says to which group
// other photos belong. From the repository's root:
//     dotnet run samples/03-features.cs -- train samples/photos out/groups.zip
//     dotnet run samples/03-features.cs -- predict out/groups.zip samples/photos/coffee.jpg
using LiteVae;
using Microsoft.ML;
using Microsoft.ML.Data;

switch (args)
{
    case ["train", var folder, var file]:
        Train(folder, file);
        return 0;
    case ["predict", var file, .. var photos] when photos.Length > 0:
        Predict(file, photos);
        return 0;
    default:
        Console.Error.WriteLine("Usage: train FOLDER PIPELINE.zip | predict PIPELINE.zip PHOTO...");
        return 2;
}

static void Train(string folder, string file)
{
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
}

static void Predict(string file, string[] photos)
{
    // README:begin features-predict
    var ml = new MLContext();
    using var engine = ml.Model.CreatePredictionEngine<Photo, Group>(ml.Model.Load(file, out _));
    foreach (var photo in photos)
    {
        var group = engine.Predict(new Photo { Path = photo });
        Console.WriteLine($"{photo}: group {group.Number}, squared distances {string.Join(" ", group.Distances.Select(distance => $"{distance:F0}"))}");
    }
    // README:end
}

internal sealed class Photo
{
    public string Path { get; set; } = "";
}

internal sealed class Group
{
    public string Path { get; set; } = "";

    [ColumnName("PredictedLabel")]
    public uint Number { get; set; }

    [ColumnName("Score")]
    public float[] Distances { get; set; } = [];
}
