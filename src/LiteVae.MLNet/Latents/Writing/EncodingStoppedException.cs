using System.Globalization;

namespace LiteVae;

/// <summary>A job was cancelled in the midst of its parts: what it keeps, and what the next run has to do again.</summary>
/// <param name="kept">Sources of the task's complete parts.</param>
/// <param name="total">Sources of all of the task's parts.</param>
/// <param name="again">Sources that were done and whose part was not complete.</param>
/// <param name="inner">The cancellation.</param>
internal sealed class EncodingStoppedException(long kept, long total, long again, OperationCanceledException inner) : OperationCanceledException(
    string.Create(
        CultureInfo.InvariantCulture,
        $"{kept:N0} of {total:N0} images are kept, those of complete parts; {(again == 0 ? "none" : $"{again:N0} of the part in progress")} must be encoded again."),
    inner,
    inner.CancellationToken)
{
    /// <summary>Sources that were done and whose part was not complete.</summary>
    public long Again => again;
}
