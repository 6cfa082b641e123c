namespace LiteVae;

/// <summary>An image could not be encoded, and the job was told to stop then.</summary>
public sealed class EncodingException : Exception
{
    internal EncodingException(LatentFailure failure)
        : base($"{FaultText.Printable(failure.Source)}: {failure.Reason} The job stops at the first failure, as it was told to; what is complete is kept, and the same job goes on from there.") => Failure = failure;

    /// <summary>What could not be encoded, and why.</summary>
    public LatentFailure Failure { get; }
}
