namespace LiteVae;

/// <summary>What an <see cref="EncodeJob"/> has done.</summary>
/// <param name="Sources">Sources of the store.</param>
/// <param name="Parts">Parts of the store.</param>
/// <param name="Encoded">Images that this run encoded.</param>
/// <param name="TaskImages">Images in the parts of this task, in this run or before.</param>
/// <param name="TaskFailed">Sources of this task's parts that could not be encoded, in this run or before.</param>
/// <param name="PartsLeft">Parts of other tasks that are not complete.</param>
public sealed record EncodeResult(long Sources, int Parts, long Encoded, long TaskImages, long TaskFailed, int PartsLeft)
{
    /// <summary>Whether all parts of all tasks are complete, and so the store.</summary>
    public bool IsComplete => PartsLeft == 0;
}
