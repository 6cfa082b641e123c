using System.Globalization;

namespace LiteVae;

/// <summary>The names of a store's files.</summary>
/// <param name="root">The store's folder.</param>
internal sealed class StorePaths(string root)
{
    public const string PlanFile = "plan.json";
    public const string DatasetFile = "dataset.json";
    public const string FailuresFile = "failures.parquet";
    public const string ShardsFolder = "shards";
    public const string TensorsExtension = ".safetensors";
    public const string RowsExtension = ".parquet";
    public const string SourcesPattern = "sources-*.jsonl";

    // enough of the hash that two lists never share a name
    private const int SourcesDigits = 16;

    /// <summary>The store's folder, as a full path.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>The plan, written before the first shard.</summary>
    public string Plan => Path.Combine(Root, PlanFile);

    /// <summary>The summary, written when all parts are complete.</summary>
    public string Dataset => Path.Combine(Root, DatasetFile);

    /// <summary>All failures, written with the summary.</summary>
    public string Failures => Path.Combine(Root, FailuresFile);

    /// <summary>The folder of shards and manifests.</summary>
    public string Shards => Path.Combine(Root, ShardsFolder);

    /// <summary>The list of sources with this hash.</summary>
    public string Sources(string sha256) => Path.Combine(Root, $"sources-{sha256[..SourcesDigits]}.jsonl");

    /// <summary>The manifest of a part; the part is complete when it is there.</summary>
    public string Manifest(int part) => Path.Combine(Shards, $"{Number(part)}.json");

    /// <summary>A file in the folder of shards.</summary>
    public string Shard(string name) => Path.Combine(Shards, name);

    /// <summary>The name of a shard's files without extension: the part's number, and the images' size where the store has several.</summary>
    public static string ShardName(int part, ImageSize size, bool isOnlySize) => isOnlySize ? Number(part) : $"{Number(part)}-{size}";

    private static string Number(int part) => part.ToString("D5", CultureInfo.InvariantCulture);
}
