using System.Diagnostics;
using System.Text.Json;
using Google.Protobuf;
using LiteVae.Tests.Shared;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;

namespace LiteVae.Tests.Transforms;

/// <summary>Saved with ML.NET, loaded with ML.NET: here, and in a process that knows nothing of us but the file.</summary>
public sealed class SavedPipelineTests : IDisposable
{
    private static readonly string[] Photos = [.. Directory.GetFiles(Path.Combine(SharedData.Repository, "samples", "photos"), "*.jpg").Order()];

    private readonly Pipeline _pipeline = new();

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public async Task A_long_chain_gives_the_same_in_a_new_process()
    {
        // the default model, and stock components before, between and behind
        var context = _pipeline.Context;
        var rows = context.Data.LoadFromEnumerable(Photos.Select(path => new { Path = path }));
        var encode = new LiteVaeEncodeOptions { Width = 64, Height = 64, BatchSize = 3, Threads = 1 };
        var chain = context.Transforms.CopyColumns("Photo", "Path")
            .Append(context.Transforms.LiteVaeEncode("Latent", "Photo", encode))
            .Append(context.Transforms.LiteVaeDecode("Picture", "Latent", new LiteVaeDecodeOptions { BatchSize = 3 }))
            .Append(context.Transforms.LiteVaeReconstruct("Again", "Picture", new LiteVaeReconstructOptions { PsnrColumn = "Psnr", SsimColumn = "Ssim", BatchSize = 3 }))
            .Append(context.Transforms.LiteVaeEncode("Latent2", "Again", encode with { Output = LatentOutput.Moments }))
            .Append(context.Transforms.NormalizeMinMax("Scaled", "Latent"))
            .Append(context.Transforms.Concatenate("Features", "Scaled", "Latent2", "Psnr", "Ssim"));
        using var model = chain.Fit(rows);
        var expected = model.Transform(rows).GetColumn<float[]>("Features").ToArray();
        context.Model.Save(model, rows.Schema, _pipeline["pipeline.zip"]);

        var loaded = await LoadElsewhere(_pipeline["pipeline.zip"], "Features", Photos);
        Assert.Equal(expected, loaded.Batch);
        Assert.Equal(expected, loaded.Single);
    }

    [Fact]
    public async Task A_component_alone_gives_the_same_in_a_new_process_and_still_runs_in_batches()
    {
        var rows = _pipeline.Context.Data.LoadFromEnumerable(Photos.Select(path => new { Path = path }));
        var encode = _pipeline.Context.Transforms.LiteVaeEncode("Latent", "Path", _pipeline.EncodeOptions(batch: 3)).Fit(rows);
        var expected = Pipeline.Latents(encode.Transform(rows));
        Save(encode, rows, "encoder.zip");
        encode.Dispose();

        var loaded = await LoadElsewhere(_pipeline["encoder.zip"], "Latent", Photos);
        Assert.Equal(expected, loaded.Batch);
        Assert.Equal(expected, loaded.Single);
        Assert.Equal((8, 3), (Photos.Length, loaded.ReadAhead));
    }

    [Fact]
    public void Each_component_alone_is_saved_with_all_its_options()
    {
        var rows = _pipeline.Rows(PictureRow.Many(5));
        var transforms = _pipeline.Context.Transforms;
        var encode = new LiteVaeEncodeOptions
        {
            Model = _pipeline.ModelFolder, Width = 24, Height = 8, Resize = ResizePolicy.Stretch, Output = LatentOutput.Sample, Seed = 7, ApplyScaling = true,
            SampleKeyColumn = "Name", MaxPixels = 1000, TileSize = 8, BatchSize = 2, Threads = 1, OnError = OnRowError.Missing,
        };
        RequireSame(transforms.LiteVaeEncode("Latent", "Image", encode).Fit(rows), rows, "Latent");

        var latents = _pipeline.Encoder().Transform(rows);
        RequireSame(transforms.LiteVaeDecode("Picture", "Latent", new LiteVaeDecodeOptions { Model = _pipeline.ModelFolder, ScaledLatents = true, TileSize = 8, Output = DecodedOutput.Image }).Fit(latents), latents, "Picture");
        RequireSame(
            transforms.LiteVaeReconstruct("Picture", "Image", new LiteVaeReconstructOptions { Model = _pipeline.ModelFolder, PsnrColumn = "Psnr" }).Fit(rows), rows, "Picture", "Psnr");
    }

    [Fact]
    public void A_loaded_pipeline_needs_no_model_folder_and_can_be_saved_again()
    {
        var rows = _pipeline.Rows(PictureRow.Many(5));
        using (var encoder = _pipeline.Encoder())
        {
            Save(encoder, rows, "first.zip");
        }

        Directory.Delete(_pipeline.ModelFolder, recursive: true);
        using (var first = (IDisposable)Load("first.zip"))
        {
            Save((ITransformer)first, rows, "second.zip");
        }

        var second = Load("second.zip");
        var latents = Pipeline.Latents(second.Transform(rows));
        Assert.All(Enumerable.Range(0, 5), number => PictureRow.AssertLatent(number, latents[number]));
        ((IDisposable)second).Dispose();
        Assert.Contains("disposed", Assert.Throws<ObjectDisposedException>(() => Pipeline.Latents(second.Transform(rows))).Message);
    }

    [Fact]
    public void What_is_saved_is_the_model_that_runs_or_an_error()
    {
        var rows = _pipeline.Rows(1);
        using var reconstruct = _pipeline.Context.Transforms.LiteVaeReconstruct("Picture", "Image", new LiteVaeReconstructOptions { Model = _pipeline.ModelFolder }).Fit(rows);
        Pipeline.First<MLImage>(reconstruct.Transform(rows), "Picture").Dispose();

        // Another export of the same architecture into the same folder.
        var decoder = TinyModels.Decoder();
        decoder.Graph.Name = "another";
        File.WriteAllBytes(TinyModels.DecoderPath(_pipeline.ModelFolder), decoder.ToByteArray());
        var error = Assert.Throws<InvalidDataException>(() => Save(reconstruct, rows, "mixed.zip"));
        Assert.Contains("the decoder's file has changed since it was first read", error.Message);
    }

    [Fact]
    public void A_model_of_more_than_100_MB_goes_through()
    {
        // Weights that the graph uses and that do not compress.
        const int extra = 28_000_000;
        File.WriteAllBytes(TinyModels.EncoderPath(_pipeline.ModelFolder), TinyModels.EncoderWithBallast(extra));
        var rows = _pipeline.Rows(PictureRow.Many(3));
        using (var encoder = _pipeline.Encoder())
        {
            Save(encoder, rows, "large.zip");
        }

        Assert.True(new FileInfo(_pipeline["large.zip"]).Length > 100_000_000);
        var latents = Pipeline.Latents(Load("large.zip").Transform(rows));
        Assert.All(Enumerable.Range(0, 3), number => PictureRow.AssertLatent(number, latents[number]));
    }

    [Fact]
    public void The_device_of_a_loaded_pipeline_is_the_saved_one_unless_the_context_says_otherwise()
    {
        var rows = _pipeline.Rows(1);
        using (var encoder = _pipeline.Encoder(_pipeline.EncodeOptions() with { Device = "cuda:0" }))
        {
            Save(encoder, rows, "gpu.zip");
        }

        Assert.SkipWhen(OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"), "for machines without a GPU");
        var error = Assert.Throws<InvalidOperationException>(() => Pipeline.Latents(Load("gpu.zip").Transform(rows)));
        Assert.Contains("cuda:0 was asked for", error.Message);
        Assert.Contains("SetLiteVaeDevice(\"cpu\")", error.Message);

        var context = new MLContext(seed: 0);
        context.SetLiteVaeDevice("cpu");
        var loaded = context.Model.Load(_pipeline["gpu.zip"], out _);
        PictureRow.AssertLatent(0, Pipeline.Latents(loaded.Transform(rows))[0]);
        Assert.Contains("'tpu'", Assert.Throws<ArgumentException>(() => context.SetLiteVaeDevice("tpu")).Message);
    }

    private void RequireSame(ITransformer transformer, IDataView rows, params string[] columns)
    {
        Save(transformer, rows, "one.zip");
        var (expected, loaded) = (transformer.Transform(rows), Load("one.zip").Transform(rows));
        foreach (var column in columns)
        {
            Assert.Equal(expected.Schema[column].Type, loaded.Schema[column].Type);
            Assert.Equal(Values(expected, column), Values(loaded, column));
        }

        ((IDisposable)transformer).Dispose();
    }

    private static List<object> Values(IDataView view, string column)
    {
        var values = new List<object>();
        using var cursor = view.GetRowCursor([view.Schema[column]]);
        var row = new CursorRow(cursor);
        while (cursor.MoveNext())
        {
            values.Add(view.Schema[column].Type switch
            {
                VectorDataViewType => row.Get<VBuffer<float>>(column).DenseValues().ToArray(),
                NumberDataViewType => row.Get<float>(column),
                _ => Pixels(row.Get<MLImage>(column)),
            });
        }

        return values;

        static byte[] Pixels(MLImage image)
        {
            using (image)
            {
                return image.Pixels.ToArray();
            }
        }
    }

    private void Save(ITransformer transformer, IDataView rows, string name) => _pipeline.Context.Model.Save(transformer, rows.Schema, _pipeline[name]);

    private ITransformer Load(string name) => new MLContext(seed: 0).Model.Load(_pipeline[name], out _);

    private sealed record Loaded(float[][] Batch, float[][] Single, int ReadAhead);

    private static async Task<Loaded> LoadElsewhere(string file, string column, string[] photos)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [SharedData.App("SavedPipelineApp"), file, column, .. photos]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await error);
        return JsonSerializer.Deserialize<Loaded>(await output, JsonSerializerOptions.Web)!;
    }
}
