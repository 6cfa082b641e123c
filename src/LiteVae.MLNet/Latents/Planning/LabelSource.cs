namespace LiteVae;

/// <summary>Where the labels of a store come from.</summary>
public enum LabelSource
{
    /// <summary>From the columns <c>label</c> of tables and the members <c>.cls</c> and <c>.json</c> of WebDatasets; other images have none.</summary>
    Columns,

    /// <summary>As <see cref="Columns"/>; an image that has none there gets the name of the folder that it lies in, below the input.</summary>
    Folders,
}
