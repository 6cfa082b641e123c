using LiteVae.Tests.Shared;

namespace LiteVae.Training.Tests.Networks;

/// <summary>The tensors that docs/formats.md lists, read from its tables as a reader would: layer by layer, each of its kind.</summary>
internal static class DocumentedTensors
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(SharedData.Repository, "docs", "formats.md"));

    /// <summary>Names and shapes of the encoder of a preset.</summary>
    public static IEnumerable<(string Name, string Shape)> Encoder(string preset, int nz, BlockNorm norm)
    {
        var rows = Table("| layer | kind |");
        var column = rows[0].IndexOf(preset);
        return rows.Skip(1).SelectMany(row => Layers(row[0], $"{row[1]} {row[column]}", nz, norm));
    }

    /// <summary>Names and shapes of a decoder: paper or compact.</summary>
    public static IEnumerable<(string Name, string Shape)> Decoder(string name, int nz, BlockNorm norm)
    {
        var rows = Table("| layer | paper |");
        var column = rows[0].IndexOf(name);
        return rows.Skip(1).Where(row => row[column] != "-").SelectMany(row => Layers(row[0], row[column], nz, norm));
    }

    private static List<List<string>> Table(string start) =>
        [.. Lines.SkipWhile(line => !line.StartsWith(start, StringComparison.Ordinal)).TakeWhile(line => line.StartsWith('|'))
            .Where(line => !line.StartsWith("|---", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim(' ', '`')).ToList())];

    // "down.{0,1}" and "block 16 → 32"
    private static IEnumerable<(string Name, string Shape)> Layers(string names, string what, int nz, BlockNorm norm)
    {
        var words = what.Split(' ');
        var (input, output) = (Channels(words[1], nz), Channels(words[3], nz));
        return Expand(names).SelectMany(name => Layer(words[0], input, output, norm).Select(tensor => ($"{name}.{tensor.Name}", tensor.Shape)));
    }

    private static int Channels(string text, int nz) => text switch { "nz" => nz, "2nz" => 2 * nz, _ => int.Parse(text) };

    private static IEnumerable<string> Expand(string names)
    {
        var (open, close) = (names.IndexOf('{'), names.IndexOf('}'));
        return open < 0 ? [names] : names[(open + 1)..close].Split(',').SelectMany(number => Expand($"{names[..open]}{number}{names[(close + 1)..]}"));
    }

    private static IEnumerable<(string Name, string Shape)> Layer(string kind, int input, int output, BlockNorm norm) => kind switch
    {
        "conv1" => [("weight", $"{output},{input},1,1"), ("bias", $"{output}")],
        "conv3" => [("weight", $"{output},{input},3,3"), ("bias", $"{output}")],
        "norm" => [("weight", $"{input}"), ("bias", $"{input}")],
        "modulated" => [.. Layer("conv3", input, output, norm), ("scale", $"{input}"), ("gain", "1")],
        "attention" => Part("norm", "norm", input, input).Concat(new[] { "query", "key", "value", "project" }.SelectMany(name => Part(name, "conv1", input, output))),
        "block" when norm == BlockNorm.SelfModulated => Part("conv1", "modulated", input, output).Concat(Part("conv2", "modulated", output, output)).Concat(Skip(input, output)),
        "block" => Part("norm1", "norm", input, input).Concat(Part("conv1", "conv3", input, output))
            .Concat(Part("norm2", "norm", output, output)).Concat(Part("conv2", "conv3", output, output)).Concat(Skip(input, output)),
        _ => throw new InvalidDataException($"docs/formats.md names a kind of layer that it does not explain: {kind}"),
    };

    private static IEnumerable<(string Name, string Shape)> Skip(int input, int output) => input == output ? [] : Part("skip", "conv1", input, output);

    private static IEnumerable<(string Name, string Shape)> Part(string name, string kind, int input, int output) =>
        Layer(kind, input, output, BlockNorm.GroupNorm).Select(tensor => ($"{name}.{tensor.Name}", tensor.Shape));
}
