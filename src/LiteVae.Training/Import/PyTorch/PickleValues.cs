namespace LiteVae.Training;

/// <summary>A dictionary of a pickle; what was put in twice stands in it twice.</summary>
internal sealed class PickleDictionary
{
    /// <summary>What was put in, in this order.</summary>
    public List<KeyValuePair<object?, object?>> Items { get; } = [];
}

/// <summary>Something that no tensor is made of: that it is there matters, what it holds does not.</summary>
/// <param name="What">What to call it.</param>
internal sealed record PickleOpaque(string What)
{
    public static readonly PickleOpaque List = new("a list");

    public static readonly PickleOpaque Float = new("a float");

    public static readonly PickleOpaque LargeInteger = new("an integer of more than 64 bits");

    public static readonly PickleOpaque Device = new("a device");
}

/// <summary>
/// What values of a pickle are here: null, <see cref="bool"/>, <see cref="long"/>, <see cref="string"/>, tuples as arrays, <see cref="PickleDictionary"/>,
/// <see cref="TorchGlobal"/>, <see cref="PyTorchStorage"/>, <see cref="PyTorchTensor"/>, and <see cref="PickleOpaque"/> for the rest.
/// </summary>
internal static class PickleValue
{
    /// <summary>What a message calls a value: its kind, for a text the text.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "None",
        bool => "a truth value",
        long number => $"the number {number}",
        string text => $"the text '{FaultText.Printable(text)}'",
        object?[] items => $"a tuple of {items.Length}",
        PickleDictionary items => $"a dictionary of {items.Items.Count}",
        TorchGlobal global => $"'{global}'",
        PyTorchStorage => "a storage",
        PyTorchTensor => "a tensor",
        PickleOpaque opaque => opaque.What,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "Not a value of a pickle."),
    };

    /// <summary>The numbers of a tuple that holds nothing else, or null.</summary>
    public static long[]? Integers(object? value)
    {
        if (value is not object?[] items || !Array.TrueForAll(items, item => item is long))
        {
            return null;
        }

        return Array.ConvertAll(items, item => (long)item!);
    }
}
