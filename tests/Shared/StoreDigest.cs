using System.Security.Cryptography;
using System.Text;

namespace LiteVae.Tests;

/// <summary>One hash over all of a store: names and bytes of its files. Hidden ones are locks and what killed tasks left.</summary>
internal static class StoreDigest
{
    public static string Of(string store)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in Directory.EnumerateFiles(store, "*", SearchOption.AllDirectories).Where(path => !Path.GetFileName(path).StartsWith('.')).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetRelativePath(store, path)} {SourceList.Sha256Of(path)}\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
