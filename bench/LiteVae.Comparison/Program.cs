using System.CommandLine;
using LiteVae;
using LiteVae.Cli;
using LiteVae.Comparison;

const string models = "models";
const string samples = "samples/photos";

var kodak = Folder("--kodak", "The Kodak images, each at its own size");
var photos = Folder("--photos", "Other photos to measure, each at its own size");
var train = Folder("--train", "Photos to learn the linear codes from: those that the models were trained on");
var lpips = new Option<string[]>("--lpips")
{
    HelpName = "FILE [HEADS]", Arity = new ArgumentArity(1, 2), AllowMultipleArgumentsPerToken = true,
    Description = "LPIPS's weights as `litevae eval` takes them: torchvision's squeezenet1_1, and LPIPS's heads where they are in a file of their own; no LPIPS if absent",
};
var taef2 = new Option<string?>("--taef2") { HelpName = "DIR", Description = "TAEF2's weights, taef2_encoder.safetensors and taef2_decoder.safetensors; no TAEF2 if absent" };
var model = new Option<string[]>("--model") { HelpName = "FOLDER", Description = "A model folder to compare with those under models/; may be given again" };
var output = new Option<string>("--out") { HelpName = "FILE.md", Description = "The page; its pictures go to images/ beside it", DefaultValueFactory = _ => "docs/comparison.md" };

var root = new RootCommand("Writes docs/comparison.md: our models, linear codes, TAEF2 and other models on the same images. Run it in the root of a checkout.") { kodak, photos, train, lpips, taef2, model, output };
root.SetAction(parsed =>
{
    using var run = new ComparisonRun(new Settings
    {
        Kodak = parsed.GetRequiredValue(kodak),
        Photos = parsed.GetRequiredValue(photos),
        Train = parsed.GetRequiredValue(train),
        Lpips = parsed.GetValue(lpips) ?? [],
        Taef2 = parsed.GetValue(taef2),
        Models = [.. Directory.GetDirectories(models).Order(StringComparer.Ordinal), .. parsed.GetValue(model) ?? []],
        Samples = samples,
        Out = parsed.GetRequiredValue(output),
    });
    AtomicFile.WriteAllText(parsed.GetRequiredValue(output), Page.Write(run.Run()));
    return ExitCode.Done;
});

try
{
    return root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e)
{
    Console.Error.WriteLine(CommandLine.Explain(e));
    return ExitCode.Nothing;
}

static Option<string> Folder(string name, string description) => new(name) { HelpName = "DIR", Required = true, Description = description };
