using System.CommandLine;

namespace LiteVae.Cli.Help;

/// <summary>Examples of each command, as <c>--help</c> shows them: what it is for, and the line to type.</summary>
internal static class Examples
{
    private static readonly Dictionary<string, (string What, string Line)[]> All = new(StringComparer.Ordinal)
    {
        ["litevae"] =
        [
            ("What the default model makes of your photos", "litevae reconstruct photos --out out"),
            ("Latents of all of them", "litevae encode photos --out latents"),
            ("What this computer can do", "litevae doctor"),
        ],
        ["litevae reconstruct"] =
        [
            ("Pictures side by side and a report", "litevae reconstruct photos --out out"),
            ("Large pictures at their own size, in bounded memory", "litevae reconstruct panorama.jpg --out out --tile 1024"),
        ],
        ["litevae encode"] =
        [
            ("A folder, brought to 256 x 256", "litevae encode photos --out latents"),
            ("Sizes of about 512 x 512 in several shapes, mirrored images too, folders as labels", "litevae encode photos --out latents --buckets 512 --flip --labels folder"),
            ("One of four tasks of a cluster; Slurm's and Kubernetes' variables are read too", "litevae encode photos.parquet --out latents --task 0/4"),
        ],
        ["litevae decode"] = [("Pictures of what a store holds", "litevae decode latents --out pictures")],
        ["litevae latents verify"] = [("Is every byte what was written?", "litevae latents verify latents")],
        ["litevae latents stats"] = [("Mean and deviation of each channel", "litevae latents stats latents")],
        ["litevae latents retry"] = [("Once the broken files are mended", "litevae latents retry latents")],
        ["litevae latents merge"] = [("Two stores by one encoder", "litevae latents merge first second --out both")],
        ["litevae latents export"] =
        [
            ("For LightningDiT", "litevae latents export latents --out for-dit --format lightning-dit"),
            ("Samples of the posterior in place of its means", "litevae latents export latents --out arrays --format npy --sample 0"),
        ],
        ["litevae eval"] =
        [
            ("PSNR and SSIM at 256 x 256", "litevae eval photos --size 256"),
            ("LPIPS too, as JSON", "litevae eval photos --size 256 --lpips lpips_squeeze.safetensors --json -"),
        ],
        ["litevae train"] =
        [
            ("A small model, on a CPU", "litevae train --recipe small --data photos --eval held-out --out runs/mine"),
            ("The model that ships, trained further on photos of one's own", "litevae train --recipe small --from litevae-s-f8c12 --data photos --eval held-out --out runs/mine"),
            ("Go on where it stopped", "litevae train --resume --out runs/mine"),
            ("Look at the options first, then change one", "litevae train --recipe small --data photos --out runs/mine --dry-run --set Stages[0].Steps=2000"),
        ],
        ["litevae export"] = [("A model folder with ONNX files, compared with the network", "litevae export runs/mine --out models/mine")],
        ["litevae import"] = [("Published weights, without Python", "litevae import weights.safetensors --out models/imported")],
        ["litevae info"] =
        [
            ("The default model", "litevae info"),
            ("The paper's sizes in parameters", "litevae info --table"),
        ],
        ["litevae doctor"] = [("Before the first run, and in a bug report", "litevae doctor")],
        ["litevae completion"] =
        [
            ("For this shell", "source <(litevae completion bash)"),
            ("For every fish from now on", "litevae completion fish > ~/.config/fish/completions/litevae.fish"),
        ],
    };

    /// <summary>A command's examples; none where it only holds other commands.</summary>
    public static IReadOnlyList<(string What, string Line)> Of(Command command) => All.GetValueOrDefault(PathOf(command), []);

    /// <summary>A command as it is typed: the program, and the commands down to it.</summary>
    public static string PathOf(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : "litevae";
}
