namespace LiteVae;

/// <summary>A row of a table of paths.</summary>
/// <param name="Path">The column <c>path</c>.</param>
/// <param name="Key">The column <c>key</c>, or null.</param>
/// <param name="Label">The column <c>label</c>, or null.</param>
/// <param name="Caption">The column <c>caption</c>, or null.</param>
internal sealed record TableRow(string? Path, string? Key, string? Label, string? Caption)
{
    public const string PathColumn = "path";
    public const string KeyColumn = "key";
    public const string LabelColumn = "label";
    public const string CaptionColumn = "caption";
}
