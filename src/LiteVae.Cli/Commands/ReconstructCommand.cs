using System.CommandLine;
using LiteVae.Cli.Reports;

namespace LiteVae.Cli.Commands;

/// <summary><c>litevae reconstruct</c>: what a model makes of images, as pictures and numbers.</summary>
internal static class ReconstructCommand
{
    private sealed record Settings(string[] Images, string Out, string? Model, int? Size, int? Tile, string Device, string? Json);

    public static Command Create()
    {
        var images = CommonOptions.Images();
        var output = new Option<string>("--out") { Required = true, HelpName = "DIR", Description = "Folder for the pictures and report.html" };
        var model = CommonOptions.Model();
        var size = CommonOptions.Size();
        var native = CommonOptions.Native();
        var tile = CommonOptions.Tile();
        var device = CommonOptions.Device();
        var json = CommonOptions.Json();
        var command = new Command("reconstruct", "Encode and decode images: pictures side by side, report.html, PSNR and SSIM") { images, output, model, size, native, tile, device, json };
        CommonOptions.RequireOneSize(command, size, native);
        command.SetAction(parsed => Run(new Settings(
            parsed.GetRequiredValue(images), parsed.GetRequiredValue(output), parsed.GetValue(model), parsed.GetValue(size), parsed.GetValue(tile), parsed.GetRequiredValue(device), parsed.GetValue(json))));
        return command;
    }

    private static int Run(Settings settings)
    {
        // what to do
        var output = new Output(settings.Json);
        using var model = LiteVaeModel.Load(settings.Model, new LiteVaeModelOptions { Device = settings.Device, TileSize = settings.Tile });
        if (settings.Size is { } size)
        {
            CommonOptions.RequireMultiple(size, model.Config);
        }

        var inputs = ImageInputs.Find(settings.Images, settings.Out);

        // the images and the report
        var report = new ReconstructionRun(model, settings.Size) { Pictures = settings.Out }.Run("reconstruct", inputs);
        return report.Write(output, settings.Out);
    }
}
