using System.Globalization;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>
/// The whole state of a run after a step, as one safetensors file: <c>network.*</c>, <c>ema.*</c>, Adam's <c>adam.mean.*</c> and <c>adam.square.*</c>, the discriminator's
/// <c>discriminator.*</c>; step and options in the metadata. Crops and noise depend on seed and step alone, so there is no state of a generator or of the data to keep.
/// </summary>
internal sealed class Checkpoint(TrainingState state)
{
    /// <summary>The note that tells a checkpoint from other safetensors files.</summary>
    internal const string FormatKey = "format";

    /// <summary>What the note says.</summary>
    internal const string Format = "litevae-checkpoint-1";

    private const string StepKey = "step";
    private const string OptionsKey = "options";
    private const string DiscriminatorStepKey = "discriminator_step";

    /// <summary>Writes the state, atomically.</summary>
    /// <exception cref="IOException">It cannot be written, as on a full disk; nothing of it is left.</exception>
    public void Save(string path, long step, LiteVaeTrainerOptions options)
    {
        using var scope = NewDisposeScope();
        var tensors = state.Named().Select(t => ToSafetensors(t.Name, t.Tensor)).ToList();
        SafetensorsWriter.Write(path, tensors, new Dictionary<string, string>
        {
            [FormatKey] = Format,
            [StepKey] = step.ToString(CultureInfo.InvariantCulture),
            [OptionsKey] = options.ToJson(),
            [DiscriminatorStepKey] = (state.Adversary?.Steps ?? 0).ToString(CultureInfo.InvariantCulture),
        });
    }

    /// <summary>Reads the state back, to the last bit. A discriminator that the checkpoint does not know stays fresh: a later stage may bring one in.</summary>
    /// <returns>Steps done.</returns>
    /// <exception cref="InvalidDataException">Not a checkpoint, or one of another architecture; the message names what differs.</exception>
    public long Load(string path)
    {
        using var reader = SafetensorsReader.Open(path);
        var step = ReadStep(reader, path);
        ArchitectureDifference.Refuse(ReadOptions(reader, path).Architecture, state.Architecture, $"{path}: this checkpoint");
        var hasAdversary = reader.Entries.Any(entry => entry.Name.StartsWith(Adversary.Prefix, StringComparison.Ordinal));
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var (name, target) in state.Named().Where(named => hasAdversary || !named.Name.StartsWith(Adversary.Prefix, StringComparison.Ordinal)))
        {
            Restore(reader, path, name, target);
        }

        if (state.Adversary is { } adversary && hasAdversary)
        {
            adversary.Steps = ReadCount(reader, path, DiscriminatorStepKey);
        }

        return step;
    }

    /// <summary>Steps done at a checkpoint.</summary>
    /// <exception cref="InvalidDataException">Not a checkpoint, or damaged.</exception>
    public static long StepOf(string path)
    {
        using var reader = SafetensorsReader.Open(path);
        return ReadStep(reader, path);
    }

    /// <summary>Reads the averaged weights and the options of a checkpoint: what is exported.</summary>
    /// <exception cref="InvalidDataException">Not a checkpoint, or damaged.</exception>
    public static (LiteVaeNetwork Network, LiteVaeTrainerOptions Options, long Step) LoadAverage(string path)
    {
        using var reader = SafetensorsReader.Open(path);
        var step = ReadStep(reader, path);
        var options = ReadOptions(reader, path);
        if (options.Architecture.Faults().ToList() is { Count: > 0 } faults)
        {
            throw new InvalidDataException($"{path}: {string.Join(" ", faults)}");
        }

        var network = new LiteVaeNetwork(options.Architecture);
        try
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            foreach (var (name, parameter) in network.named_parameters())
            {
                Restore(reader, path, $"ema.{name}", parameter);
            }

            return (network, options, step);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static long ReadStep(SafetensorsReader reader, string path) =>
        reader.Metadata.GetValueOrDefault(FormatKey) == Format
            ? ReadCount(reader, path, StepKey)
            : throw new InvalidDataException($"{path}: not a training checkpoint: its metadata lack '{FormatKey}' = '{Format}'.");

    private static long ReadCount(SafetensorsReader reader, string path, string key) =>
        long.TryParse(reader.Metadata.GetValueOrDefault(key), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw new InvalidDataException($"{path}: not a training checkpoint: '{key}' in its metadata is '{reader.Metadata.GetValueOrDefault(key)}', not a number.");

    private static LiteVaeTrainerOptions ReadOptions(SafetensorsReader reader, string path) =>
        reader.Metadata.TryGetValue(OptionsKey, out var json)
            ? LiteVaeTrainerOptions.Parse(json, path)
            : throw new InvalidDataException($"{path}: not a training checkpoint: its metadata lack '{OptionsKey}'.");

    private static SafetensorsTensor ToSafetensors(string name, Tensor tensor)
    {
        using var values = tensor.detach().cpu().contiguous();
        return SafetensorsTensor.FromFloats(name, tensor.shape, MemoryMarshal.Cast<byte, float>(values.bytes));
    }

    private static void Restore(SafetensorsReader reader, string path, string name, Tensor target)
    {
        if (!reader.TryGetEntry(name, out var entry) || !entry.Shape.SequenceEqual(target.shape))
        {
            var found = entry is null ? "is missing" : $"has shape [{string.Join(", ", entry.Shape)}]";
            throw new InvalidDataException($"{path}: tensor '{name}' {found}; the network needs [{string.Join(", ", target.shape)}]. Is this checkpoint of another architecture?");
        }

        target.copy_(tensor(reader.ReadFloats(name), target.shape));
    }
}
