using System.CommandLine;
using System.Globalization;
using LiteVae.Cli.Reports;

namespace LiteVae.Cli.Commands;

/// <summary><c>litevae decode</c>: the images of a latent store back as pictures, the proof by eye.</summary>
internal static class DecodeCommand
{
    private const string NumberedFolder = "by-number";

    private sealed record Settings(string Store, string Out, string? Model, int Images, bool Flipped, string Device, string? Json);

    public static Command Create()
    {
        var store = new Argument<string>("STORE") { Description = "The store's folder, as `litevae encode` made it" };
        var output = new Option<string>("--out") { Required = true, HelpName = "DIR", Description = $"Folder for the pictures, KEY.png; {NumberedFolder}/NUMBER.png where the key can be no file name" };
        var model = CommonOptions.Model();
        var images = new Option<int>("--images") { HelpName = "N", Description = "At most so many, spread over the store", DefaultValueFactory = _ => 100 }.InRange(1, int.MaxValue);
        var flipped = new Option<bool>("--flipped") { Description = "The mirrored images instead" };
        var device = CommonOptions.Device();
        var json = CommonOptions.Json();
        var command = new Command("decode", "Decode latents of a store to pictures") { store, output, model, images, flipped, device, json };
        command.SetAction(parsed => Run(new Settings(
            parsed.GetRequiredValue(store), parsed.GetRequiredValue(output), parsed.GetValue(model), parsed.GetValue(images), parsed.GetValue(flipped), parsed.GetRequiredValue(device), parsed.GetValue(json))));
        return command;
    }

    private static int Run(Settings settings)
    {
        // what to do
        var output = new Output(settings.Json);
        using var model = LiteVaeModel.Load(settings.Model, new LiteVaeModelOptions { Device = settings.Device });
        using var store = LatentStore.Open(settings.Store, new LatentStoreOptions { EncoderSha256 = model.EncoderSha256 });
        if (settings.Flipped && !store.HasFlipped)
        {
            throw new InvalidOperationException($"{settings.Store} has no mirrored images: encode with --flip.");
        }

        // the pictures
        var count = Math.Min(settings.Images, store.Count);
        var done = 0;
        List<Renamed> renamed = [];
        using var interruption = new Interruption("the picture in progress is finished.");
        using (var progress = new ProgressLine("decode", count))
        {
            for (; done < count && !interruption.Token.IsCancellationRequested; progress.Report(++done, 0))
            {
                var image = done * store.Count / count;
                var size = store.SizeOf(image);
                var picture = model.DecodeMean(store.Read(image, settings.Flipped), size.Width, size.Height);
                var key = store.RowOf(image).Key;
                var name = $"{key}.png";
                if (FaultOf(settings.Out, name) is { } fault)
                {
                    name = string.Create(CultureInfo.InvariantCulture, $"{NumberedFolder}/{image:D10}.png");
                    renamed.Add(new Renamed(key, name));
                    progress.Say($"the key '{FaultText.Printable(key)}' {fault}: its picture is {name}");
                }

                PngFile.Save(KeyPath.Below(settings.Out, name), picture);
            }
        }

        // what came of it
        output.Text.WriteLine($"{Counted.Of(done, "picture")} in {settings.Out}{(renamed.Count > 0 ? $", {renamed.Count} of them in {NumberedFolder}" : "")}");
        output.Json(new { images = done, of = store.Count, @out = settings.Out, renamed });
        if (done < count)
        {
            output.Text.WriteLine($"Stopped: {Counted.Of(count - done, "picture")} not reached. The same command does all of them.");
            return ExitCode.Interrupted;
        }

        return ExitCode.Done;
    }

    /// <summary>Why a picture cannot have its name: the file system's reasons, and that the folder of numbers is for those alone.</summary>
    private static string? FaultOf(string folder, string name) =>
        name.StartsWith($"{NumberedFolder}/", StringComparison.OrdinalIgnoreCase) ? $"begins with {NumberedFolder}/" : KeyPath.Fault(folder, name);

    /// <summary>A picture that does not have its key's name.</summary>
    private sealed record Renamed(string Key, string File);
}
