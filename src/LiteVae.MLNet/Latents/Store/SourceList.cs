using System.Security.Cryptography;

namespace LiteVae;

/// <summary>A store's list of sources, <c>sources-HASH.jsonl</c>: one a line, in the ordinal order of their keys, or in that of a data view's rows.</summary>
internal static class SourceList
{
    /// <summary>The sources of one part.</summary>
    /// <param name="paths">The store's files.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="part">The part.</param>
    /// <exception cref="FileNotFoundException">The list is not there.</exception>
    /// <exception cref="InvalidDataException">The list is not the one that was planned.</exception>
    public static IReadOnlyList<SourceRecord> Read(StorePaths paths, StorePlan plan, int part)
    {
        var path = paths.Sources(plan.SourcesSha256);
        var (start, end) = (plan.PartOffsets[part], plan.PartOffsets[part + 1]);
        if (end - start > Array.MaxLength)
        {
            throw new InvalidDataException($"{path}: part {part} takes {end - start} bytes; at most {Array.MaxLength} are read.");
        }

        var bytes = new byte[end - start];
        using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read))
        {
            if (FileReading.Fill(file, bytes, start) < bytes.Length)
            {
                throw new InvalidDataException($"{path}: part {part} should end at byte {end}, beyond the file's end: it is truncated.");
            }
        }

        return Parse(bytes, path, (long)part * plan.Settings.ShardSize, plan.SourcesOf(part));
    }

    /// <summary>SHA-256 of a file.</summary>
    public static string Sha256Of(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 20);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static List<SourceRecord> Parse(ReadOnlySpan<byte> text, string path, long linesBefore, int count)
    {
        var sources = new List<SourceRecord>(count);
        while (text.Length > 0)
        {
            var end = text.IndexOf((byte)'\n');
            var line = linesBefore + sources.Count + 1;
            if (end < 0 || sources.Count == count)
            {
                throw new InvalidDataException($"{path}, line {line}: {(end < 0 ? "the line has no end" : $"the part should have {count} sources and has more")}: this is not the list that was planned.");
            }

            sources.Add(StoreJson.ReadLine<SourceRecord>(text[..end], path, line));
            text = text[(end + 1)..];
        }

        return sources.Count == count ? sources
            : throw new InvalidDataException($"{path}: the part from line {linesBefore + 1} on should have {count} sources and has {sources.Count}: this is not the list that was planned.");
    }
}
