// What helps a small training? Short paired runs: one thing differs from the base at a time. Results go to a table of Markdown, what LPIPS costs in PSNR to FOLDER/trade.svg.
//
//   dotnet run bench/search.cs -- LITEVAE TRAIN HELD-OUT LPIPS FOLDER [RUN ...]
//
// LITEVAE is the command line's litevae.dll, TRAIN and HELD-OUT are folders or lists of photos, LPIPS names its weights. Runs that FOLDER already holds are not made again; RUN chooses some.
#:property PublishAot=false
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

if (args is not [var litevae, var train, var heldOut, var lpips, var folder, .. var chosen])
{
    Console.Error.WriteLine("Usage: dotnet run bench/search.cs -- LITEVAE TRAIN HELD-OUT LPIPS FOLDER [RUN ...]");
    return 2;
}

const string Basis = """
    {
      "Architecture": {
        "Preset": "S", "LatentChannels": 12,
        "Encoder": { "Extractor": { "Width": 16, "Multipliers": [1, 2, 2] }, "Aggregator": { "Width": 16, "Multipliers": [1, 2, 2] }, "Norm": "SelfModulated" },
        "Decoder": { "Width": 32, "Multipliers": [1, 2, 4], "BlocksPerLevel": 3, "Norm": "SelfModulated", "Attention": false, "Output": "Wavelet" },
        "LinearCode": {}
      },
      "Stages": [{
        "Resolution": 64, "Steps": 500, "BatchSize": 4,
        "Losses": { "Reconstruction": 10, "ReconstructionKind": "L2", "Kl": 1e-4, "Wavelet": 0, "Gaussian": 0, "Lpips": 0.05 }
      }],
      "LearningRate": { "Peak": 1e-3, "WarmupSteps": 50, "FinalShare": 0.01 },
      "Beta2": 0.99, "EmaDecay": 0.99, "CheckpointEvery": 500, "SampleEvery": 1000000,
      "Evaluation": { "Every": 500, "Images": 50, "Size": 256 }
    }
    """;
(string Name, string What, string[] Changes)[] runs =
[
    ("base", "nothing", []),
    ("seed", "another seed", ["Seed=1"]),
    ("lpips-0", "LPIPS 0", ["Stages[0].Losses.Lpips=0"]),
    ("lpips-0.1", "LPIPS 0.1", ["Stages[0].Losses.Lpips=0.1"]),
    ("lpips-0.2", "LPIPS 0.2", ["Stages[0].Losses.Lpips=0.2"]),
    ("lpips-0.5", "LPIPS 0.5", ["Stages[0].Losses.Lpips=0.5"]),
    ("lpips-1", "LPIPS 1", ["Stages[0].Losses.Lpips=1"]),
    ("no-linear", "no linear code", ["Architecture.LinearCode=null"]),
    ("groupnorm", "encoder with GroupNorm", ["Architecture.Encoder.Norm=GroupNorm"]),
    ("kl-1e-3", "KL 1e-3", ["Stages[0].Losses.Kl=1e-3"]),
    ("kl-1e-6", "KL 1e-6", ["Stages[0].Losses.Kl=1e-6"]),
    ("rate-3e-4", "learning rate 3e-4", ["LearningRate.Peak=3e-4"]),
    ("rate-2e-3", "learning rate 2e-3", ["LearningRate.Peak=2e-3"]),
    ("constant", "learning rate constant", ["LearningRate.FinalShare=1"]),
    ("channels-4", "4 latent channels", ["Architecture.LatentChannels=4"]),
    ("channels-16", "16 latent channels", ["Architecture.LatentChannels=16"]),
    ("batch-8", "250 steps of 8 crops", ["Stages[0].BatchSize=8", "Stages[0].Steps=250", "Evaluation.Every=250"]),
    ("batch-2", "1000 steps of 2 crops", ["Stages[0].BatchSize=2", "Stages[0].Steps=1000", "Evaluation.Every=1000"]),
    ("crop-128", "1 crop of 128 x 128", ["Stages[0].Resolution=128", "Stages[0].BatchSize=1"]),
    ("image-output", "the decoder gives pixels, not sub-bands", ["Architecture.Decoder.Output=Image", "Architecture.Decoder.Multipliers=[1,1,2,4]"]),
    ("decoder-16", "decoder half as wide (16)", ["Architecture.Decoder.Width=16"]),
    ("decoder-48", "decoder one and a half times as wide (48)", ["Architecture.Decoder.Width=48"]),
    ("encoder-b", "encoder of B's size", ["Architecture.Preset=B", "Architecture.Encoder.Extractor.Width=32", "Architecture.Encoder.Extractor.Multipliers=[1,2,3]", "Architecture.Encoder.Aggregator.Width=32", "Architecture.Encoder.Aggregator.Multipliers=[1,2,3]"]),
    ("share-1", "the networks count in full beside the linear code", ["Architecture.LinearCode.NetworkShare=1"]),
    ("share-0.25", "the networks count a quarter beside the linear code", ["Architecture.LinearCode.NetworkShare=0.25"]),
    ("l1", "L1 1, wavelet 1, Gaussian 0.5 in place of L2", ["Stages[0].Losses.Reconstruction=1", "Stages[0].Losses.ReconstructionKind=L1", "Stages[0].Losses.Wavelet=1", "Stages[0].Losses.Gaussian=0.5"]),
    ("ema-0.9", "EMA 0.9", ["EmaDecay=0.9"]),
    ("ema-0.999", "EMA 0.999", ["EmaDecay=0.999"]),
];

Directory.CreateDirectory(folder);
var options = Path.Combine(folder, "base.json");
File.WriteAllText(options, Basis);
foreach (var (name, _, changes) in runs.Where(run => chosen.Length == 0 || chosen.Contains(run.Name)))
{
    var run = Path.Combine(folder, name);
    if (Figures(run) is not null)
    {
        continue;
    }

    string[] command = [litevae, "train", "--options", options, "--data", train, "--eval", heldOut, "--lpips", lpips, "--out", run, .. changes.SelectMany(change => new[] { "--set", change })];
    using var process = Process.Start(new ProcessStartInfo("dotnet", command) { RedirectStandardOutput = true })!;
    process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    Console.Error.WriteLine($"{name}: {(process.ExitCode == 0 ? Row(name, Figures(run)) : $"ended with {process.ExitCode}")}");
}

var rows = runs.Select(run => (run.What, Figures: Figures(Path.Combine(folder, run.Name)))).Where(row => row.Figures is not null);
Console.WriteLine("| changed | PSNR, dB | SSIM | LPIPS |\n|---|---:|---:|---:|");
foreach (var (what, figures) in rows)
{
    Console.WriteLine(Row(what, figures));
}

const string weighted = "lpips-";
var trade = runs.Where(run => run.Name == "base" || run.Name.StartsWith(weighted, StringComparison.Ordinal))
    .Select(run => (Weight: run.Name == "base" ? "0.05" : run.Name[weighted.Length..], Figures: Figures(Path.Combine(folder, run.Name)))).Where(point => point.Figures is not null)
    .Select(point => (point.Weight, Lpips: (double)point.Figures!["Lpips"]!, Psnr: (double)point.Figures["Psnr"]!)).OrderBy(point => double.Parse(point.Weight, CultureInfo.InvariantCulture)).ToList();
if (trade.Count > 1)
{
    File.WriteAllText(Path.Combine(folder, "trade.svg"), Trade(trade));
}

return 0;

static JsonNode? Figures(string run)
{
    var file = Path.Combine(run, "evaluation.jsonl");
    return File.Exists(file) && File.ReadLines(file).LastOrDefault() is { } line && JsonNode.Parse(line) is { } figures && (long)figures["StepsDone"]! > 0 ? figures : null;
}

static string Row(string what, JsonNode? figures) => string.Create(CultureInfo.InvariantCulture, $"| {what} | {(double)figures!["Psnr"]!:F2} | {(double)figures["Ssim"]!:F3} | {(double)figures["Lpips"]!:F3} |");

// PSNR over LPIPS, a point for each weight of the loss
static string Trade(List<(string Weight, double Lpips, double Psnr)> points)
{
    const double left = 70, right = 620, top = 20, bottom = 330, tickX = 0.02, tickY = 0.2;
    var (lowX, highX) = (Math.Floor(points.Min(p => p.Lpips) / tickX) * tickX, Math.Ceiling(points.Max(p => p.Lpips) / tickX) * tickX);
    var (lowY, highY) = (Math.Floor(points.Min(p => p.Psnr) / tickY) * tickY, Math.Ceiling(points.Max(p => p.Psnr) / tickY) * tickY);
    var svg = new StringBuilder("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 400\" font-family=\"sans-serif\" font-size=\"14\"><rect width=\"640\" height=\"400\" fill=\"#fff\"/>\n");
    for (var x = lowX; x <= highX + (tickX / 2); x += tickX)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{X(x):F1} {top}V{bottom}\" stroke=\"#ddd\"/><text x=\"{X(x):F1}\" y=\"{bottom + 20}\" text-anchor=\"middle\">{x:F2}</text>\n");
    }

    for (var y = lowY; y <= highY + (tickY / 2); y += tickY)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{left} {Y(y):F1}H{right}\" stroke=\"#ddd\"/><text x=\"{left - 8}\" y=\"{Y(y) + 5:F1}\" text-anchor=\"end\">{y:F1}</text>\n");
    }

    svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"#1450a0\" stroke-width=\"2\" points=\"{string.Join(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.Lpips):F1},{Y(p.Psnr):F1}")))}\"/>\n");
    foreach (var (weight, lpips, psnr) in points)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{X(lpips):F1}\" cy=\"{Y(psnr):F1}\" r=\"4\" fill=\"#1450a0\"/><text x=\"{X(lpips) + 7:F1}\" y=\"{Y(psnr) + 18:F1}\">{weight}</text>\n");
    }

    return svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(left + right) / 2}\" y=\"385\" text-anchor=\"middle\">LPIPS (squeeze), less is nearer; beside the points: the loss's weight</text><text transform=\"translate(20 {(top + bottom) / 2}) rotate(-90)\" text-anchor=\"middle\">PSNR, dB</text></svg>\n").ToString();

    double X(double lpips) => left + ((right - left) * (lpips - lowX) / (highX - lowX));

    double Y(double psnr) => bottom - ((bottom - top) * (psnr - lowY) / (highY - lowY));
}
