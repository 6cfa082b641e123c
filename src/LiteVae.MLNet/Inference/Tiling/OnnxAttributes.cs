using LiteVae.Formats.Onnx;
using OnnxAttribute = LiteVae.Formats.Onnx.Attribute;

namespace LiteVae;

/// <summary>The attributes of a node.</summary>
internal readonly struct OnnxAttributes(Node node)
{
    /// <summary>Whether the node states it.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>A number, or what the format takes where the node does not state it.</summary>
    public long Int(string name, long absent) => Find(name)?.I ?? absent;

    /// <summary>A list of numbers of this length, or one of the same number throughout where the node does not state it; null where the length is another.</summary>
    public IReadOnlyList<long>? Ints(string name, int length, long absent) =>
        Find(name) is not { } attribute ? [.. Enumerable.Repeat(absent, length)] : attribute.Ints.Count == length ? attribute.Ints : null;

    /// <summary>A text, or what the format takes where the node does not state it.</summary>
    public string Text(string name, string absent) => Find(name)?.S.ToStringUtf8() ?? absent;

    private OnnxAttribute? Find(string name) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name);
}
