using System.CommandLine;
using LiteVae.Cli;

namespace LiteVae.Comparison;

/// <summary>The command line.</summary>
internal static class ComparisonCommand
{
    // relative: it is run in the root of a checkout
    private const string Models = "models";
    private const string Samples = "samples/photos";
    private const string Target = "docs/comparison.md";

    public static RootCommand Create()
    {
        var kodak = Folder("--kodak", "The Kodak images, each at its own size");
        var photos = Folder("--photos", "Other photos to measure, each at its own size");
        var train = Folder("--train", "Photos to learn the linear codes from: those that the models were trained on");
        var lpips = new Option<string[]>("--lpips")
        {
            HelpName = "FILE [HEADS]",
            Arity = new ArgumentArity(1, 2),
            AllowMultipleArgumentsPerToken = true,
            Description = "LPIPS's weights as `litevae eval` takes them: torchvision's squeezenet1_1, and LPIPS's heads where they are in a file of their own; no LPIPS if absent",
        };
        var taef2 = new Option<string?>("--taef2") { HelpName = "DIR", Description = "TAEF2's weights, taef2_encoder.safetensors and taef2_decoder.safetensors; no TAEF2 if absent" };
        var model = new Option<string[]>("--model") { HelpName = "FOLDER", Description = $"A model folder to compare with those under {Models}/; may be given again" };
        var output = new Option<string>("--out") { HelpName = "FILE.md", Description = "The page; its pictures go to images/ beside it", DefaultValueFactory = _ => Target };
        var root = new RootCommand($"Writes {Target}: our models, linear codes, TAEF2 and other models on the same images. Run it in the root of a checkout.") { kodak, photos, train, lpips, taef2, model, output };
        root.SetAction(parsed => Run(new Settings
        {
            Kodak = parsed.GetRequiredValue(kodak),
            Photos = parsed.GetRequiredValue(photos),
            Train = parsed.GetRequiredValue(train),
            Lpips = parsed.GetValue(lpips) ?? [],
            Taef2 = parsed.GetValue(taef2),
            Models = [.. Directory.GetDirectories(Models).Order(StringComparer.Ordinal), .. parsed.GetValue(model) ?? []],
            Samples = Samples,
            Out = parsed.GetRequiredValue(output),
        }));
        return root;
    }

    private static int Run(Settings settings)
    {
        using var run = new ComparisonRun(settings);
        AtomicFile.WriteAllText(settings.Out, Page.Write(run.Run()));
        return ExitCode.Done;
    }

    private static Option<string> Folder(string name, string description) => new(name) { HelpName = "DIR", Required = true, Description = description };
}
