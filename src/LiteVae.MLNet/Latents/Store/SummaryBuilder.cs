using System.Security.Cryptography;

namespace LiteVae;

/// <summary>Gathers a store's summary from its manifests, added in the order of their parts.</summary>
internal sealed class SummaryBuilder : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<IReadOnlyList<ChannelSums>> _channels = [];
    private long _images;
    private long _failed;
    private long _bytes;
    private int _shards;

    /// <summary>Adds a part.</summary>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="text">The manifest's bytes.</param>
    public void Add(ShardManifest manifest, byte[] text)
    {
        _hash.AppendData(text);
        _channels.Add(manifest.Channels);
        _images += manifest.Rows();
        _failed += manifest.Failures.Count;
        _shards += manifest.Shards.Count;
        _bytes += manifest.Bytes();
    }

    /// <summary>The summary, when all parts are added.</summary>
    public DatasetSummary Build(StorePlan plan, string planSha256)
    {
        var config = plan.Settings.Config;
        return new DatasetSummary(
            DatasetSummary.CurrentFormat,
            plan.Settings,
            planSha256,
            plan.SourcesSha256,
            Convert.ToHexStringLower(_hash.GetCurrentHash()),
            plan.Sources,
            _images,
            _failed,
            plan.Parts,
            _shards,
            _bytes,
            new DatasetScaling(config.ScalingFactor, config.ShiftFactor, Applied: false),
            [.. ChannelSums.MergeInPairs(_channels).Select(DatasetChannel.Of)]);
    }

    public void Dispose() => _hash.Dispose();
}
