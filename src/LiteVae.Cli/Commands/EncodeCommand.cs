using System.CommandLine;
using System.Globalization;
using LiteVae.Cli.Reports;

namespace LiteVae.Cli.Commands;

/// <summary><c>litevae encode</c>: images into a store of latents.</summary>
internal static class EncodeCommand
{
    private const int DefaultSize = 256;
    private const string Stop = "stop";
    private const string Folder = "folder";

    private sealed record Settings(EncodeJobOptions Job, int? Area, string? Model, int? Tile, string Device, bool PlanOnly, string? Json);

    public static Command Create()
    {
        var images = CommonOptions.Images("Folders (searched with their subfolders for images and .tar files), .txt lists of paths, .tar files in the way of WebDataset, .csv, .tsv or .parquet tables with a column path (and key, label, caption), or image files");
        var output = new Option<string>("--out") { Required = true, HelpName = "STORE", Description = "The store's folder; one that was begun with the same settings is continued" };
        var model = CommonOptions.Model();
        var size = new Option<int>("--size") { HelpName = "N", Description = "Resize the short side to N (antialiased bicubic) and crop the centre N x N", DefaultValueFactory = _ => DefaultSize }.InRange(1);
        var buckets = new Option<string?>("--buckets") { HelpName = "N|WxH,...", Description = "Bring each image to the size whose sides' ratio is nearest to its own: of those with at most the area N x N, or of a list" };
        var flip = new Option<bool>("--flip") { Description = "Encode the mirrored images too, into a second tensor" };
        var dtype = new Option<string>("--dtype") { HelpName = "f16|bf16|f32", Description = "Element type of the moments", DefaultValueFactory = _ => "f16" }.AcceptOnlyFromAmong("f16", "bf16", "f32");
        var labels = new Option<string>("--labels") { HelpName = "column|folder", Description = "Where labels come from: columns of tables and members of .tar files, or also the names of the folders that images lie in", DefaultValueFactory = _ => "column" }.AcceptOnlyFromAmong("column", Folder);
        var shardSize = new Option<int>("--shard-size") { HelpName = "N", Description = "Images of a part; a part is written when it is complete", DefaultValueFactory = _ => 4096 }.InRange(1, 65_536);
        var batch = EncodeOptions.Batch();
        var (task, tasks) = EncodeOptions.Share();
        var onError = new Option<string>("--on-error") { HelpName = "record|stop", Description = "What becomes of an image that cannot be encoded: its reason is recorded and the job goes on, or the job stops", DefaultValueFactory = _ => "record" }.AcceptOnlyFromAmong("record", Stop);
        var planOnly = new Option<bool>("--plan-only") { Description = "Find the images and write the plan, and stop" };
        var tile = CommonOptions.Tile();
        var device = CommonOptions.Device();
        var json = CommonOptions.Json();
        var command = new Command("encode", "Encode any number of images into a store of latents: safetensors and parquet, resumable, divisible among processes")
        {
            images, output, model, size, buckets, flip, dtype, labels, shardSize, batch, task, tasks, onError, planOnly, tile, device, json,
        };
        command.Validators.Add(result =>
        {
            if (result.Has(size) && result.Has(buckets))
            {
                result.AddError("--size and --buckets exclude one another.");
            }
        });
        EncodeOptions.RequireOneShare(command, task, tasks);
        buckets.Require(text => TryBuckets(text, out _, out _), "give one number, such as 512, or sizes, such as 512x512,448x576");
        command.SetAction(parsed =>
        {
            TryBuckets(parsed.GetValue(buckets), out var area, out var sizes);
            var side = parsed.GetValue(size);
            return Run(new Settings(
                new EncodeJobOptions
                {
                    Inputs = parsed.GetRequiredValue(images),
                    Store = parsed.GetRequiredValue(output),
                    Sizes = sizes ?? [new ImageSize(side, side)],
                    Flip = parsed.GetValue(flip),
                    Dtype = Enum.Parse<SafetensorsType>(parsed.GetRequiredValue(dtype), ignoreCase: true),
                    Labels = parsed.GetRequiredValue(labels) == Folder ? LabelSource.Folders : LabelSource.Columns,
                    ShardSize = parsed.GetValue(shardSize),
                    BatchSize = parsed.GetValue(batch),
                    Task = EncodeOptions.TaskOf(parsed.GetValue(task), parsed.GetValue(tasks)),
                    StopOnFailure = parsed.GetRequiredValue(onError) == Stop,
                },
                area,
                parsed.GetValue(model),
                parsed.GetValue(tile),
                parsed.GetRequiredValue(device),
                parsed.GetValue(planOnly),
                parsed.GetValue(json)));
        });
        return command;
    }

    private static int Run(Settings settings)
    {
        // what to do
        var output = new Output(settings.Json);
        using var model = LiteVaeModel.Load(settings.Model, new LiteVaeModelOptions { Device = settings.Device, TileSize = settings.Tile });
        var options = settings.Area is { } area ? settings.Job with { Sizes = AspectBuckets.OfArea(area, model.Config.DownsamplingFactor) } : settings.Job;
        var job = new EncodeJob(model, options);

        // the images
        using var interruption = new Interruption("the parts in progress are dropped; complete ones are kept.");
        using var progress = new EncodeProgressLine();
        EncodeResult result;
        try
        {
            result = settings.PlanOnly ? job.Plan(progress, interruption.Token) : job.Run(progress, interruption.Token);
        }
        catch (EncodingStoppedException e)
        {
            progress.Dispose();
            var advice = e.Again > 0 ? " In a new store, a smaller --shard-size loses less." : "";
            output.Text.WriteLine($"Stopped. {e.Message} The same command goes on with what is in {options.Store}.{advice}");
            return ExitCode.Interrupted;
        }
        catch (EncodingException e)
        {
            progress.Dispose();
            Console.Error.WriteLine($"litevae: {e.Message}");
            return ExitCode.Partial;
        }

        // what came of it
        progress.Dispose();
        output.Text.WriteLine(settings.PlanOnly ? $"Planned in {options.Store}: {Counted.Of(result.Sources, "source")}, {Counted.Of(result.Parts, "part")}." : Sentence(result, options, model));
        output.Json(new
        {
            model = model.Config.Name,
            encoder_sha256 = model.EncoderSha256,
            @out = options.Store,
            sizes = options.Sizes.Select(size => size.ToString()),
            dtype = settings.Job.Dtype.ToString(),
            task = options.Task.ToString(),
            result.Sources,
            result.Parts,
            result.PartsLeft,
            result.IsComplete,
            result.Encoded,
            images = result.TaskImages,
            failed = result.TaskFailed,
        });
        return result.TaskFailed == 0 ? ExitCode.Done
            : result.TaskImages == 0 && options.Task.Count == 1 ? ExitCode.Nothing
            : ExitCode.Partial; // a share of broken images alone is done like any other
    }

    private static string Sentence(EncodeResult result, EncodeJobOptions options, LiteVaeModel model)
    {
        var images = $"{Counted.Of(result.TaskImages, "image")} in {options.Store}: {options.Dtype} moments by {model.Config.Name}, not scaled{(result.TaskFailed > 0 ? $"; {result.TaskFailed} failed" : "")}";
        return result.IsComplete
            ? $"{images}. The store is complete: {Counted.Of(result.Sources, "source")}, {Counted.Of(result.Parts, "part")}.{(result.Encoded > 0 || result.TaskFailed > 0 ? "" : " Nothing was left to do; images that came after its first run are not in its plan.")}"
            : $"{images}. This is task {options.Task}; {result.PartsLeft} of {Counted.Of(result.Parts, "part")} left to others.";
    }

    /// <summary>Reads a number, or sizes with commas between them.</summary>
    private static bool TryBuckets(string? text, out int? area, out IReadOnlyList<ImageSize>? sizes)
    {
        (area, sizes) = (null, null);
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var side))
        {
            area = side;
            return true;
        }

        List<ImageSize> list = [];
        foreach (var part in text?.Split(',') ?? [])
        {
            if (!ImageSize.TryParse(part, out var size))
            {
                return false;
            }

            list.Add(size);
        }

        sizes = list.Count > 0 ? list : null;
        return sizes is not null;
    }
}
