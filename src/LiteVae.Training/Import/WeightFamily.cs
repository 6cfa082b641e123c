namespace LiteVae.Training;

/// <summary>Which family the weights of a file are, told from their names.</summary>
/// <param name="Format">The family.</param>
/// <param name="Prefix">What stands before its names in the file, such as <c>model.</c>; empty where nothing does.</param>
internal sealed record WeightFamily(IWeightFormat Format, string Prefix)
{
    private const string OriginalLatentDiffusion = "encoder.down.0.block.0.";

    private static readonly IWeightFormat[] Formats = [new OpenLiteVaeFormat(), new AutoencoderKLFormat(), new LiteVaeFormat()];

    /// <summary>Recognises weights, also under a prefix where there is but one.</summary>
    /// <exception cref="InvalidDataException">They are of no known family, or of several; the message says what they seem to be.</exception>
    public static WeightFamily Of(IWeightFile file)
    {
        if (file.Metadata.GetValueOrDefault(Checkpoint.FormatKey) == Checkpoint.Format)
        {
            throw new InvalidDataException($"{file.Path}: this is a training checkpoint: `litevae export` makes a model of it.");
        }

        var found = Formats.SelectMany(format => Prefixes(file, format.Mark).Select(prefix => new WeightFamily(format, prefix))).ToList();
        if (found.FirstOrDefault(family => family.Prefix.Length == 0) is { } plain)
        {
            return plain;
        }

        return found switch
        {
            [var only] => only,
            [] => throw Unknown(file),
            _ => throw new InvalidDataException(
                $"{file.Path}: there are several autoencoders: {string.Join(", ", found.Take(5).Select(family => $"{family.Format.Name} under '{FaultText.Printable(family.Prefix)}'"))}. Save one of them alone."),
        };
    }

    private static IEnumerable<string> Prefixes(IWeightFile file, string mark) => file.Entries
        .Select(entry => (entry.Name, At: entry.Name.IndexOf(mark, StringComparison.Ordinal)))
        .Where(found => found.At == 0 || (found.At > 0 && found.Name[found.At - 1] == '.'))
        .Select(found => found.Name[..found.At])
        .Distinct()
        .Order(StringComparer.Ordinal);

    private static InvalidDataException Unknown(IWeightFile file)
    {
        var names = file.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal).Take(3).Select(name => $"'{FaultText.Printable(name)}'").ToList();
        return new InvalidDataException(Prefixes(file, OriginalLatentDiffusion).Any()
            ? $"{file.Path}: these are weights under the names of the original latent diffusion code (ldm, CompVis), which are not read. Take the same model as Diffusers publishes it: vae/diffusion_pytorch_model.safetensors."
            : $"{file.Path}: the {file.Entries.Count} tensors are of no known family ({string.Join(", ", Formats.Select(format => format.Name))})"
              + $"{(names.Count > 0 ? $"; they are called, for example, {string.Join(", ", names)}" : "")}.");
    }
}
