namespace LiteVae;

/// <summary>How far an <see cref="EncodeJob"/> is.</summary>
/// <param name="Found">Sources found so far, while the job is planned; 0 afterwards.</param>
/// <param name="Done">Sources that this run is done with, those that failed counted in.</param>
/// <param name="Total">Sources that this run has to do.</param>
/// <param name="Failed">How many of those done failed.</param>
/// <param name="Failure">The failure that this report is about; null for a plain report.</param>
public sealed record EncodeProgress(long Found, long Done, long Total, long Failed, LatentFailure? Failure = null);
