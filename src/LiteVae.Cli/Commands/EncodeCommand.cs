using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LiteVae.Cli.Reports;

namespace LiteVae.Cli.Commands;

/// <summary><c>litevae encode</c>: images to one safetensors file of moments.</summary>
internal static class EncodeCommand
{
    private const string Moments = "moments";
    private const string Preprocessing = "RGB, 0..255 to -1..1; short side by antialiased bicubic, centre crop";

    private sealed record Settings(string[] Images, string Out, string? Model, int Size, int Batch, int? Tile, string Device, string? Json);

    /// <summary>A line of the list of sources.</summary>
    private sealed record SourceRow(int Row, string Key, string Path, int Width, int Height);

    public static Command Create()
    {
        var images = CommonOptions.Images();
        var output = new Option<string>("--out") { Required = true, HelpName = "FILE.safetensors", Description = "The file of moments; FILE.sources.jsonl and FILE.failures.jsonl are written beside it" };
        var model = CommonOptions.Model();
        var size = new Option<int>("--size") { HelpName = "N", Description = "Resize the short side to N (antialiased bicubic) and crop the centre N x N", DefaultValueFactory = _ => 256 }.InRange(1);
        var batch = new Option<int>("--batch") { HelpName = "N", Description = "Images that go through the model at once; the result does not depend on it", DefaultValueFactory = _ => 4 }.InRange(1, 1024);
        var tile = CommonOptions.Tile();
        var device = CommonOptions.Device();
        var json = CommonOptions.Json();
        var command = new Command("encode", "Encode images into one safetensors file: tensor moments [n, 2 nz, N/f, N/f] with the model's downsampling factor f, in the order of the sorted keys; at most 2 GB") { images, output, model, size, batch, tile, device, json };
        output.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !result.Tokens[0].Value.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
            {
                result.AddError($"--out is '{result.Tokens[0].Value}'; name a .safetensors file.");
            }
        });
        command.SetAction(parsed => Run(new Settings(
            parsed.GetRequiredValue(images), parsed.GetRequiredValue(output), parsed.GetValue(model), parsed.GetValue(size), parsed.GetValue(batch), parsed.GetValue(tile), parsed.GetRequiredValue(device), parsed.GetValue(json))));
        return command;
    }

    private static int Run(Settings settings)
    {
        // what to do
        var output = new Output(settings.Json);
        using var model = LiteVaeModel.Load(settings.Model, new LiteVaeModelOptions { Device = settings.Device, TileSize = settings.Tile });
        CommonOptions.RequireMultiple(settings.Size, model.Config);
        var (sources, missing) = ImageInputs.Find(settings.Images);
        var side = settings.Size / model.Config.DownsamplingFactor;
        var rowFloats = 2 * model.Config.LatentChannels * side * side;
        var moments = Allocate(sources.Count, rowFloats, settings.Size);
        _ = model.Encode(new PixelTensor(1, model.Config.DownsamplingFactor, model.Config.DownsamplingFactor)); // a broken model is one error, not one an image

        // the images
        List<SourceRow> rows = [];
        List<InputFailure> failures = [.. missing];
        using var interruption = new Interruption("nothing is written.");
        using (var progress = new ProgressLine("encode", sources.Count))
        {
            failures.ForEach(failure => progress.Say(failure.ToString()));
            foreach (var chunk in sources.Chunk(settings.Batch))
            {
                if (interruption.Token.IsCancellationRequested)
                {
                    output.Text.WriteLine($"Stopped after {rows.Count} of {sources.Count} images; nothing was written. The same command starts over.");
                    return ExitCode.Nothing;
                }

                EncodeChunk(model, chunk, settings.Size, moments, rows, failures, progress);
                progress.Report(rows.Count + failures.Count - missing.Count, failures.Count);
            }
        }

        // the files
        if (rows.Count > 0)
        {
            Write(settings, model, moments.AsSpan(0, rows.Count * rowFloats), [rows.Count, 2 * model.Config.LatentChannels, side, side], rows, failures);
            output.Text.WriteLine($"{rows.Count} images in {settings.Out}: {Moments} [{rows.Count}, {2 * model.Config.LatentChannels}, {side}, {side}] by {model.Config.Name}, not scaled{(failures.Count > 0 ? $"; {failures.Count} failed" : "")}");
        }

        output.Json(new
        {
            model = model.Config.Name,
            encoder_sha256 = model.EncoderSha256,
            images = rows.Count,
            @out = rows.Count > 0 ? settings.Out : null,
            shape = new[] { rows.Count, 2 * model.Config.LatentChannels, side, side },
            size = settings.Size,
            failures,
        });
        return rows.Count == 0 ? ExitCode.Nothing : failures.Count > 0 ? ExitCode.Partial : ExitCode.Done;
    }

    /// <summary>All moments are held until they are written.</summary>
    private static float[] Allocate(int images, int rowFloats, int size)
    {
        var most = Array.MaxLength / sizeof(float) / rowFloats;
        return images <= most
            ? new float[images * rowFloats]
            : throw new ArgumentException($"{images} images of {size} x {size} do not fit into one file of 2 GB, which takes {most}: split the images, or take a smaller --size.");
    }

    private static void EncodeChunk(
        LiteVaeModel model, ImageSource[] sources, int size, float[] moments, List<SourceRow> rows, List<InputFailure> failures, ProgressLine progress)
    {
        List<RgbImage> images = [];
        var first = rows.Count;
        foreach (var source in sources)
        {
            try
            {
                var image = ImageDecoder.Decode(source.Path);
                images.Add(BicubicResizer.Fit(image, size, size, ResizePolicy.CenterCrop));
                rows.Add(new SourceRow(rows.Count, source.Key, source.Path, image.Width, image.Height));
            }
            catch (Exception e) when (InputFailure.IsOfOneInput(e))
            {
                failures.Add(InputFailure.From(source.Path, e));
                progress.Say(failures[^1].ToString());
            }
        }

        if (images.Count > 0)
        {
            var pixels = new PixelTensor(images.Count, size, size);
            for (var i = 0; i < images.Count; i++)
            {
                pixels.Set(i, images[i]);
            }

            var posterior = model.Encode(pixels);
            posterior.Moments.CopyTo(moments, (long)first * 2 * posterior.LatentLength);
        }
    }

    private static void Write(Settings settings, LiteVaeModel model, ReadOnlySpan<float> moments, long[] shape, List<SourceRow> rows, List<InputFailure> failures)
    {
        // The lists first, and their hash in the file of moments: where that exists, all of it does, and it fits together.
        var sources = Lines(rows);
        AtomicFile.WriteAllText(Path.ChangeExtension(settings.Out, ".sources.jsonl"), sources);
        AtomicFile.WriteAllText(Path.ChangeExtension(settings.Out, ".failures.jsonl"), Lines(failures));
        SafetensorsWriter.Write(settings.Out, [SafetensorsTensor.FromFloats(Moments, shape, moments)], new Dictionary<string, string>
        {
            ["format"] = "litevae-moments-1",
            ["model"] = model.Config.Name,
            ["encoder_sha256"] = model.EncoderSha256,
            ["size"] = settings.Size.ToString(CultureInfo.InvariantCulture),
            ["preprocessing"] = Preprocessing,
            ["scaling"] = "not applied",
            ["scaling_factor"] = model.Config.ScalingFactor.ToString("R", CultureInfo.InvariantCulture),
            ["shift_factor"] = model.Config.ShiftFactor.ToString("R", CultureInfo.InvariantCulture),
            ["sources_sha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sources))),
        });

        static string Lines<T>(List<T> items) => string.Concat(items.Select(item => Output.Line(item) + "\n"));
    }
}
