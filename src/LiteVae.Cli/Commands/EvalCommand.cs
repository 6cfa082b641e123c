using System.CommandLine;
using LiteVae.Cli.Reports;

namespace LiteVae.Cli.Commands;

/// <summary><c>litevae eval</c>: how good a model's reconstructions and latents are, in numbers.</summary>
internal static class EvalCommand
{
    private sealed record Settings(string[] Images, string? Model, int? Size, string[]? Lpips, string? Inception, string? Out, string Device, string? Json);

    public static Command Create()
    {
        var images = CommonOptions.Images();
        var model = CommonOptions.Model();
        var size = CommonOptions.Size();
        var native = CommonOptions.Native();
        var lpips = new Option<string[]>("--lpips")
        {
            HelpName = "FILE [HEADS]",
            Arity = new ArgumentArity(1, 2),
            AllowMultipleArgumentsPerToken = true,
            Description = "Also LPIPS: torchvision's weights of vgg16, alexnet or squeezenet1_1, and LPIPS's heads where they are in a file of their own. Name IMAGES before it",
        };
        var inception = new Option<string?>("--inception") { HelpName = "FILE", Description = "Also rFID, of 2,048 images or more: pytorch-fid's weights pt_inception-2015-12-05 as safetensors" };
        var output = new Option<string?>("--out") { HelpName = "DIR", Description = "Also pictures side by side and report.html in this folder" };
        var device = CommonOptions.Device();
        var json = CommonOptions.Json();
        var command = new Command("eval", "Measure a model on images: PSNR, SSIM, the latents, and, with weights that you name, LPIPS and rFID") { images, model, size, native, lpips, inception, output, device, json };
        CommonOptions.RequireOneSize(command, size, native);
        command.SetAction(parsed => Run(new Settings(
            parsed.GetRequiredValue(images), parsed.GetValue(model), parsed.GetValue(size), parsed.GetValue(lpips), parsed.GetValue(inception), parsed.GetValue(output),
            parsed.GetRequiredValue(device), parsed.GetValue(json))));
        return command;
    }

    private static int Run(Settings settings)
    {
        // what to do
        var output = new Output(settings.Json);
        using var model = LiteVaeModel.Load(settings.Model, new LiteVaeModelOptions { Device = settings.Device });
        if (settings.Size is { } size)
        {
            CommonOptions.RequireMultiple(size, model.Config);
        }

        var inputs = ImageInputs.Find(settings.Images, settings.Out);
        using var torch = settings is { Lpips: null or [], Inception: null } ? null : TorchMetrics.Load(settings.Lpips, settings.Inception, settings.Device, inputs.Sources.Count);

        // the images
        var report = new ReconstructionRun(model, settings.Size)
        {
            Pictures = settings.Out,
            Latents = new LatentDiagnostics(model.Config.LatentChannels, hasVariance: model.Config.EncoderOutput != EncoderOutput.Latent),
            Torch = torch,
        }.Run("eval", inputs);

        // the numbers
        if (report.Latents is { } latents)
        {
            EvaluationTable.Write(output, report, latents);
        }

        if (settings.Inception is not null && report is { Rfid: null, Images.Count: > 0 })
        {
            output.Text.WriteLine($"No rFID: {Counted.Of(report.Images.Count, "image")} could be measured, which is too few.");
        }

        return report.Write(output, settings.Out);
    }
}
