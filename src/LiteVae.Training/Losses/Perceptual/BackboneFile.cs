using System.Text.RegularExpressions;

namespace LiteVae.Training;

/// <summary>Tells which backbone's weights a file holds, by its tensors' names.</summary>
internal static partial class BackboneFile
{
    private const int MostNamed = 4;

    /// <summary>The backbone whose tensors, no more and no fewer, the file names below <c>features</c>.</summary>
    /// <remarks>The classifier's tensors and the heads of LPIPS may be in the file too.</remarks>
    /// <param name="file">The file.</param>
    /// <param name="wanted">Those that will do.</param>
    /// <param name="purpose">What for, for messages: "LPIPS".</param>
    /// <exception cref="InvalidDataException">It is none of those; the message says what is missing or foreign.</exception>
    public static BackboneArchitecture Detect(IWeightFile file, IReadOnlyList<BackboneArchitecture> wanted, string purpose)
    {
        var models = string.Join(" or ", wanted.Select(each => each.Model));
        var wayOut = $"{purpose} needs the weights of torchvision's {models}, without batch normalisation, under torchvision's tensor names.";
        var names = file.Entries.Select(entry => entry.Name).Where(name => !Ignored().IsMatch(name)).ToHashSet(StringComparer.Ordinal);
        if (!names.Any(name => name.StartsWith(BackboneArchitecture.Prefix, StringComparison.Ordinal)))
        {
            throw new InvalidDataException($"{file.Path}: no tensor's name begins with '{BackboneArchitecture.Prefix}': this file holds no backbone. {wayOut}");
        }

        var (nearest, missing, foreign) = BackboneArchitecture.All
            .Select(each => (Architecture: each, Missing: Without(Names(each), names), Foreign: Without(names, Names(each))))
            .MinBy(each => each.Missing.Count + each.Foreign.Count);
        if (missing.Count + foreign.Count > 0)
        {
            var faults = string.Join(" and ", new[] { Listed("missing", missing), Listed("foreign to it", foreign) }.Where(fault => fault.Length > 0));
            throw new InvalidDataException($"{file.Path}: these weights are most like those of {nearest.Name}, but {faults}. {wayOut}");
        }

        return wanted.Contains(nearest) ? nearest : throw new InvalidDataException($"{file.Path}: these are the weights of {nearest.Name}. {wayOut}");
    }

    private static HashSet<string> Names(BackboneArchitecture architecture) => architecture.Tensors.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);

    private static List<string> Without(HashSet<string> names, HashSet<string> others) => [.. names.Where(name => !others.Contains(name)).Order(StringComparer.Ordinal)];

    private static string Listed(string what, List<string> names) => names.Count == 0 ? ""
        : $"{names.Count} {(names.Count == 1 ? "tensor is" : "tensors are")} {what} ({string.Join(", ", names.Take(MostNamed).Select(name => $"'{FaultText.Printable(name)}'"))}{(names.Count > MostNamed ? $" and {names.Count - MostNamed} more" : "")})";

    /// <summary>What may lie beside a backbone: the rest of the classifier, and heads of LPIPS.</summary>
    [GeneratedRegex(@"^classifier\.|^((vgg|alex|squeeze)\.)?lin\d+\.(model\.1\.)?weight$")]
    private static partial Regex Ignored();
}
