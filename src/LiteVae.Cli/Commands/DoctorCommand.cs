using System.CommandLine;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using LiteVae.Cli.Reports;
using LiteVae.Training;
using Microsoft.ML.OnnxRuntime;

namespace LiteVae.Cli.Commands;

/// <summary><c>litevae doctor</c>: whether everything that the program needs is there and works.</summary>
internal static class DoctorCommand
{
    private sealed record Check(string Name, bool? Ok, string Detail, string? Advice);

    public static Command Create()
    {
        var json = CommonOptions.JsonOrStandardOutput();
        var command = new Command("doctor", "Look whether everything fits: runtime, processor, libtorch, ONNX Runtime, devices, default model") { json };
        command.SetAction(parsed => Run(parsed.GetValue(json)));
        return command;
    }

    private static int Run(string? json)
    {
        var output = new Output(json);
        List<Check> checks = [];

        Try("runtime", () => $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}, {RuntimeInformation.OSDescription}", "");
        Try("processor", Processor, "");
        Try("ONNX Runtime", OnnxRuntime, "Reference Microsoft.ML.OnnxRuntime (or .Gpu) in the program.");
        Try("default model", DefaultModel, "Build the program from a complete checkout or package: models/ belongs beside it. --model names another model.");
        Try("libtorch", TorchCheck.Describe, "Only train, export, import, eval with --lpips or --inception, and info without a model need it.");
        var hasTorch = checks[^1].Ok is not null;
        if (hasTorch)
        {
            Try("training step on cpu", () => TrainingStep("cpu"), "This libtorch does not fit TorchSharp: use the version it was built for.");
        }

        Try("GPUs", () => Gpus(hasTorch), "");

        var isGood = checks.TrueForAll(check => check.Ok != false);
        output.Json(new { ok = isGood, checks });
        return isGood ? ExitCode.Done : ExitCode.Partial;

        void Try(string name, Func<string> look, string advice)
        {
            Check check;
            try
            {
                check = new Check(name, true, look(), null);
            }
            catch (DllNotFoundException e) when (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(NativeTorch.FolderVariable))) // left out on purpose
            {
                check = new Check(name, null, e.Message, advice);
            }
            catch (Exception e) // whatever goes wrong in there is what this command is to report
            {
                check = new Check(name, false, e.GetBaseException().Message, advice);
            }

            checks.Add(check);
            output.Text.WriteLine($"{(check.Ok switch { true => "ok  ", false => "FAIL", null => "none" })} {name}: {check.Detail}");
            if (check.Ok != true && check.Advice is { Length: > 0 } help)
            {
                output.Text.WriteLine($"     {help}");
            }
        }
    }

    private static string Processor()
    {
        var sets = new (string Name, bool Has)[]
        {
            ("AVX2", Avx2.IsSupported), ("FMA", Fma.IsSupported), ("AVX-512", Avx512F.IsSupported), ("AVX-VNNI", AvxVnni.IsSupported),
            ("NEON", System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported),
        };
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} cores, {RuntimeInformation.ProcessArchitecture}, {string.Join(' ', sets.Where(set => set.Has).Select(set => set.Name))}, vectors of {8 * Vector<byte>.Count} bits, {memory:0.0} GiB of memory");
    }

    private static string OnnxRuntime() =>
        $"{OrtEnv.Instance().GetVersionString()}, providers {string.Join(", ", OrtEnv.Instance().GetAvailableProviders())}";

    private static string DefaultModel()
    {
        using var model = LiteVaeModel.Load();
        var side = 8 * model.Config.DownsamplingFactor;
        var grey = new byte[side * side * 3];
        Array.Fill(grey, (byte)128);
        var image = new RgbImage(side, side, grey);
        var psnr = Psnr.Compute(image, model.Reconstruct(image));
        return string.Create(CultureInfo.InvariantCulture, $"{model.Config.Name} in {model.Folder}; a grey image comes back at {psnr:0.0} dB");
    }

    private static string TrainingStep(string device)
    {
        var (before, after) = TorchCheck.TrainTinyNetwork(device);
        return string.Create(CultureInfo.InvariantCulture, $"forward, backward and optimiser run; the loss falls from {before:0.000} to {after:0.000}");
    }

    /// <summary>Every GPU that either library offers is tried.</summary>
    private static string Gpus(bool hasTorch)
    {
        IReadOnlyList<string> torch = hasTorch ? TorchCheck.Gpus() : [];
        var results = torch.Select(gpu => $"{gpu} trains ({TrainingStep(gpu)})").ToList();
        if (OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"))
        {
            using var model = LiteVaeModel.Load(options: new LiteVaeModelOptions { Device = "cuda:0" });
            _ = model.Reconstruct(new RgbImage(64, 64, new byte[64 * 64 * 3]));
            results.Add("cuda:0 runs the default model");
        }

        return results.Count > 0 ? string.Join("; ", results) : "none; this program is built for the processor, or there is no GPU (Accelerator=cuda builds for one)";
    }
}
