#:project ../src/LiteVae.MLNet/LiteVae.MLNet.csproj
#:package Microsoft.ML.OnnxRuntime
#:package SkiaSharp.NativeAssets.Linux.NoDependencies
#:property PublishAot=false

// (ML.NET makes code at run time, which ahead-of-time compilation, the default for a program of one file, rules out.)
// Photos to latents and back in an ML.NET pipeline, with the default model. From the repository's root:
//     dotnet run samples/01-pipeline.cs
// README:begin pipeline
using LiteVae;
using Microsoft.ML;
using Microsoft.ML.Data;

var ml = new MLContext(seed: 0);
var photos = ml.Data.LoadFromEnumerable(Directory.GetFiles("samples/photos", "*.jpg").Order().Select(path => new { Path = path }));
var pipeline = ml.Transforms.LiteVaeEncode("Latent", "Path", new LiteVaeEncodeOptions { Width = 256, Height = 256 })
    .Append(ml.Transforms.LiteVaeDecode("Picture", "Latent"));
var rows = pipeline.Fit(photos).Transform(photos);
foreach (var (path, latent) in rows.GetColumn<string>("Path").Zip(rows.GetColumn<float[]>("Latent")))
{
    Console.WriteLine($"{path}: {latent.Length} values from {latent.Min():F2} to {latent.Max():F2}");
}
// README:end

Directory.CreateDirectory("out");
foreach (var (path, picture) in rows.GetColumn<string>("Path").Zip(rows.GetColumn<MLImage>("Picture")))
{
    using (picture)
    {
        picture.Save(Path.Combine("out", Path.GetFileNameWithoutExtension(path) + ".png"));
    }
}
