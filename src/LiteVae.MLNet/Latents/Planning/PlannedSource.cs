namespace LiteVae;

/// <summary>A source on its way into a plan.</summary>
/// <param name="Source">The source.</param>
/// <param name="Place">Where it stands in a store that is merged into the one planned; null where it is yet to be encoded.</param>
internal sealed record PlannedSource(SourceRecord Source, StoredPlace? Place = null);

/// <summary>What became of a source in another store.</summary>
/// <param name="Store">The store's number among those that are merged.</param>
/// <param name="Shard">The shard's number in it.</param>
/// <param name="Row">The row in the shard.</param>
/// <param name="Failure">Why it has no row, or null.</param>
internal sealed record StoredPlace(int Store, int Shard, int Row, string? Failure = null);
