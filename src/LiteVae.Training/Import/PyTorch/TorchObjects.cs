namespace LiteVae.Training;

/// <summary>What a pickle may call, and the storages it may ask for. Made here of our own kinds; no code of the file's or of Python's has a part in it.</summary>
/// <param name="archive">The file.</param>
/// <param name="refusals">Refuses.</param>
internal sealed class TorchObjects(PyTorchArchive archive, Refusals refusals)
{
    /// <summary>Python's call of one of <see cref="TorchGlobal"/>.</summary>
    /// <param name="function">What is called.</param>
    /// <param name="arguments">A tuple.</param>
    /// <param name="at">Where the call stands in the pickle.</param>
    /// <exception cref="InvalidDataException">That may not be called, or not with these arguments.</exception>
    public object? Call(object? function, object? arguments, int at)
    {
        var called = function as TorchGlobal;
        refusals.Require(
            called is { Elements: null } && arguments is object?[],
            $"byte {at} of data.pkl calls {PickleValue.Describe(function)} with {PickleValue.Describe(arguments)}, which is not allowed",
            Refusals.SaveTensorsAlone);
        return (object?[])arguments! switch
        {
            [] when called == TorchGlobal.OrderedDict => new PickleDictionary(),
            [PyTorchStorage storage, long offset, object?[] shape, object?[] stride, bool, PickleDictionary, .. [] or [PickleDictionary]] when called == TorchGlobal.RebuildTensor
                => new PyTorchTensor(storage, offset, Integers(shape, "shape", at), Integers(stride, "stride", at), at, refusals),
            [PyTorchTensor tensor, bool, PickleDictionary] when called == TorchGlobal.RebuildParameter => tensor,
            [object?[] shape] when called == TorchGlobal.Size => shape,
            [string] or [string, long] when called == TorchGlobal.Device => PickleOpaque.Device,
            var other => throw refusals.Because(
                $"byte {at} of data.pkl calls '{called}' with ({string.Join(", ", other.Take(8).Select(PickleValue.Describe))}), which are not its arguments"),
        };
    }

    /// <summary>The storage that a persistent id names: ('storage', class, key, location, elements).</summary>
    /// <exception cref="InvalidDataException">It is no such tuple, or the archive has no such storage.</exception>
    public PyTorchStorage Load(object? id, int at)
    {
        if (id is object?[] and ["storage", TorchGlobal { Elements: { } type }, string key, string, long elements])
        {
            return archive.Storage(key, type, elements);
        }

        var shown = id is object?[] items ? $"({string.Join(", ", items.Take(8).Select(PickleValue.Describe))})" : PickleValue.Describe(id);
        throw refusals.Because($"byte {at} of data.pkl asks for {shown}, which is no storage: ('storage', class, key, location, elements)");
    }

    private long[] Integers(object?[] tuple, string what, int at)
    {
        refusals.Require(tuple.Length <= SafetensorsHeader.MaxRank, $"the {what} of the tensor at byte {at} of data.pkl has {tuple.Length} numbers; at most {SafetensorsHeader.MaxRank} are allowed");
        var numbers = PickleValue.Integers(tuple);
        refusals.Require(numbers is not null, $"the {what} of the tensor at byte {at} of data.pkl is not of numbers only");
        return numbers;
    }
}
