namespace LiteVae;

/// <summary>The answer to <c>Model.Save</c>.</summary>
internal static class Unsaved
{
    /// <summary>The error of a component that is not saved yet.</summary>
    public static NotSupportedException Error(string component) => new(
        $"{component} cannot be saved in an ML.NET model file yet. Save the rest of the pipeline, and build this part again from its options and its model folder.");
}
