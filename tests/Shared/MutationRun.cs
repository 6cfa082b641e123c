using System.Text;
using System.Text.RegularExpressions;

namespace LiteVae.Tests;

/// <summary>Has a reader read many mutations of a file of a format, and reports what became of them.</summary>
internal static partial class MutationRun
{
    /// <summary>Fails, with format and number of the mutation, at the first that does anything but work or be refused as <see cref="HostileFile"/> demands.</summary>
    /// <param name="format">Name of the format.</param>
    /// <param name="mutation">The mutation of a number.</param>
    /// <param name="read">Opens a file, lists its entries and reads every tensor.</param>
    public static void Check(string format, Func<int, byte[]> mutation, Action<string> read)
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("mutation");
        var refusals = new Dictionary<string, int>();
        for (var index = 0; index < FileMutations.Count; index++)
        {
            File.WriteAllBytes(path, mutation(index));
            try
            {
                if (HostileFile.Read(path, read) is { } message)
                {
                    Assert.StartsWith(path, message, StringComparison.Ordinal);
                    var kind = Kind(message[path.Length..]);
                    refusals[kind] = refusals.GetValueOrDefault(kind) + 1;
                }
            }
            catch (Exception e)
            {
                Assert.Fail($"{format}, mutation {index}: {e}");
            }

            // No handle or map of it is left open; and a file that is gone is never written to the disk, where one written over would be, each time.
            File.Delete(path);
        }

        Assert.Empty(Directory.GetFileSystemEntries(folder.Root));
        TestContext.Current.TestOutputHelper?.WriteLine(Report(format, refusals));
    }

    private static string Report(string format, Dictionary<string, int> refusals)
    {
        var refused = refusals.Values.Sum();
        var report = new StringBuilder($"{format}: {FileMutations.Count} mutations, {FileMutations.Count - refused} read, {refused} refused for {refusals.Count} reasons:\n");
        foreach (var (kind, count) in refusals.OrderByDescending(refusal => refusal.Value))
        {
            report.Append(System.Globalization.CultureInfo.InvariantCulture, $"{count,7} {kind}\n");
        }

        return report.ToString();
    }

    /// <summary>A message without what differs from file to file.</summary>
    private static string Kind(string message) => Number().Replace(Quotation().Replace(message, "'*'"), "#");

    [GeneratedRegex("'[^']*'")]
    private static partial Regex Quotation();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();
}
