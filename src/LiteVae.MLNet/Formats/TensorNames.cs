namespace LiteVae;

/// <summary>Names of tensors, in files of whatever format.</summary>
internal static class TensorNames
{
    /// <summary>Longest name, in bytes of UTF-8; those of networks have up to a few hundred.</summary>
    public const int MaxBytes = 4096;

    /// <summary>What a message about a tensor that a file lacks says: how many there are, and those whose names are most alike.</summary>
    public static string Missing(string name, IReadOnlyCollection<string> names)
    {
        var lastPart = name[(name.LastIndexOf('.') + 1)..];
        var alike = names.OrderByDescending(other => other.EndsWith(lastPart, StringComparison.Ordinal)).Take(3).Select(FaultText.Printable);
        var offer = names.Count == 0 ? "the file is empty." : $"it has, for example, '{string.Join("', '", alike)}'.";
        return $"there is no tensor '{FaultText.Printable(name)}' among its {names.Count}; {offer}";
    }
}
