using System.Text;

namespace LiteVae.Training;

/// <summary>A class or function that a pickle may name: all there are.</summary>
/// <param name="Module">Its module in Python.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Elements">For a class of storages, the type of their elements.</param>
internal sealed record TorchGlobal(string Module, string Name, SafetensorsType? Elements = null)
{
    public static readonly TorchGlobal OrderedDict = new("collections", "OrderedDict");

    public static readonly TorchGlobal RebuildTensor = new("torch._utils", "_rebuild_tensor_v2");

    public static readonly TorchGlobal RebuildParameter = new("torch._utils", "_rebuild_parameter");

    public static readonly TorchGlobal Size = new("torch", "Size");

    public static readonly TorchGlobal Device = new("torch", "device");

    private static readonly TorchGlobal[] Allowed =
    [
        OrderedDict, RebuildTensor, RebuildParameter, Size, Device,
        Storage("Float", SafetensorsType.F32),
        Storage("Half", SafetensorsType.F16),
        Storage("BFloat16", SafetensorsType.BF16),
        Storage("Double", SafetensorsType.F64),
        Storage("Long", SafetensorsType.I64),
        Storage("Int", SafetensorsType.I32),
        Storage("Short", SafetensorsType.I16),
        Storage("Char", SafetensorsType.I8),
        Storage("Byte", SafetensorsType.U8),
        Storage("Bool", SafetensorsType.Bool),
    ];

    private static readonly byte[][][] Spellings = [.. Allowed.Select(global => new[] { Encoding.UTF8.GetBytes(global.Module), Encoding.UTF8.GetBytes(global.Name) })];

    /// <summary>Looks a name up among those allowed.</summary>
    /// <param name="module">Its module.</param>
    /// <param name="name">Its name there.</param>
    /// <param name="at">Where it stands in the pickle.</param>
    /// <param name="refusals">Refuses.</param>
    /// <exception cref="InvalidDataException">It is not allowed; the message names it.</exception>
    public static TorchGlobal Find(ReadOnlySpan<byte> module, ReadOnlySpan<byte> name, int at, Refusals refusals)
    {
        for (var i = 0; i < Allowed.Length; i++)
        {
            if (module.SequenceEqual(Spellings[i][0]) && name.SequenceEqual(Spellings[i][1]))
            {
                return Allowed[i];
            }
        }

        var spelling = $"'{Shown(module)}.{Shown(name)}'";
        if (module.SequenceEqual("torch"u8) && name.EndsWith("Storage"u8))
        {
            var known = string.Join(", ", Allowed.Where(global => global.Elements is not null).Select(global => global.Name));
            throw refusals.Because($"byte {at} of data.pkl names {spelling}, a storage of elements that are not read; these are: {known}", "Convert such tensors to floats before torch.save");
        }

        throw refusals.Because($"byte {at} of data.pkl names the global {spelling}, which is not one of those that tensors need", Refusals.SaveTensorsAlone);
    }

    public override string ToString() => $"{Module}.{Name}";

    private static TorchGlobal Storage(string name, SafetensorsType elements) => new("torch", $"{name}Storage", elements);

    private static string Shown(ReadOnlySpan<byte> text) => FaultText.Printable(Encoding.UTF8.GetString(text[..Math.Min(text.Length, 2 * FaultText.MaxQuoted)]));
}
