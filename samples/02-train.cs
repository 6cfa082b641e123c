#:project ../src/LiteVae.Training/LiteVae.Training.csproj
#:package Microsoft.ML.OnnxRuntime
#:package SkiaSharp.NativeAssets.Linux.NoDependencies
#:package libtorch-cpu-linux-x64
#:property PublishAot=false

// (Training needs libtorch: on Windows name libtorch-cpu-win-x64 above, on macOS libtorch-cpu-osx-arm64.)
// Trains an autoencoder on a folder of photos for some minutes, and shows what it makes of them. From the repository's root:
//     dotnet run samples/02-train.cs -- samples/photos out/trained 300
using LiteVae;
using LiteVae.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

if (args is not [var folder, var run, var stepsText] || !int.TryParse(stepsText, out var steps))
{
    Console.Error.WriteLine("Usage: PHOTOS RUN STEPS");
    return 2;
}

// README:begin train
var ml = new MLContext(seed: 0);
ml.Log += (_, e) =>
{
    if (e.Kind != ChannelMessageKind.Trace) // ML.NET's own steps
    {
        Console.WriteLine(e.RawMessage); // losses, PSNR, time left
    }
};
var photos = ml.Data.LoadFromEnumerable(Directory.GetFiles(folder, "*.jpg").Order().Select(path => new { Path = path }));
var train = ml.LiteVae().Train("Latent", "Path", new LiteVaeTrainOptions
{
    Trainer = new LiteVaeTrainerOptions
    {
        Output = run, // checkpoints, curve, pictures; the same command again goes on from there
        Stages = [new TrainingStage { Resolution = 64, Steps = steps, BatchSize = 8 }],
        LearningRate = new LearningRateSchedule { Peak = 1e-3, WarmupSteps = Math.Min(100, steps / 3) },
        EmaDecay = 0.98, // short runs want a short memory
    },
    Encode = new LiteVaeEncodeOptions { Width = 128, Height = 128 },
});
using var encoder = train.Fit(photos);
// README:end

// What it learned, on the photos themselves.
var options = new LiteVaeReconstructOptions { Model = Path.Combine(run, "model"), Width = 128, Height = 128, PsnrColumn = "Psnr" };
using var reconstruct = ml.Transforms.LiteVaeReconstruct("Picture", "Path", options).Fit(photos);
var rows = reconstruct.Transform(photos);
var pictures = Directory.CreateDirectory(Path.Combine(run, "pictures")).FullName;
foreach (var (path, (psnr, picture)) in rows.GetColumn<string>("Path").Zip(rows.GetColumn<float>("Psnr").Zip(rows.GetColumn<MLImage>("Picture"))))
{
    using (picture)
    {
        picture.Save(Path.Combine(pictures, Path.GetFileNameWithoutExtension(path) + ".png"));
        Console.WriteLine($"{path}: {psnr:F1} dB");
    }
}

return 0;
