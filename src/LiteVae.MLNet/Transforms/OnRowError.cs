namespace LiteVae;

/// <summary>What becomes of a row whose input cannot be used, for example a file that is no image.</summary>
public enum OnRowError
{
    /// <summary>
    /// The value of that row throws an <see cref="InvalidDataException"/> when it is asked for, which names the row and the reason; the rows before and behind are delivered.
    /// </summary>
    Throw,

    /// <summary>
    /// That row gets a missing value: NaN in every place of a vector of known size, an empty vector of variable size, a null image, a NaN number.
    /// Reading a data view ends with a warning in ML.NET's log: how many there were, and why the first. A PredictionEngine gives no warning: look at its results.
    /// The transformer counts them all as its <c>MissingRows</c>.
    /// ML.NET's own image components do not take null images.
    /// </summary>
    Missing,
}
