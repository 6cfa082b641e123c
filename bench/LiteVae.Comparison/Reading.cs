using System.Globalization;
using LiteVae.Comparison.Peers;

namespace LiteVae.Comparison;

/// <summary>What the numbers say, in sentences made of them: they stay true when the page is written again.</summary>
internal static class Reading
{
    /// <summary>Each model against the linear code of as many values, if there is one, and against whoever is neither model nor linear code.</summary>
    public static IEnumerable<string> Of(Results results) =>
        from model in Enumerable.Range(0, results.Peers.Count)
        where results.Peers[model].Kind == PeerKind.Model
        from other in Enumerable.Range(0, results.Peers.Count)
        where results.Peers[other].Kind switch
        {
            PeerKind.Model => false,
            PeerKind.Floor => Size(results.Peers[other]) == Size(results.Peers[model]),
            _ => true,
        }
        select Sentence(results, model, other);

    private static string Sentence(Results results, int model, int other)
    {
        var (peer, against) = (results.Peers[model], results.Peers[other]);
        var more = Size(against) == Size(peer) ? "as many" : $"{Size(against) / Size(peer):0.##} times as many";
        return $"{peer.Name} against {against.Name}, which keeps {more} values: {string.Join("; ", results.Sets.Select(set => $"on {set.Name} {Distances(set.Means[model], set.Means[other])}"))}.";
    }

    /// <summary>Values of the latent for each value of the image.</summary>
    private static double Size(PeerFacts peer) => 1 / peer.ValuesPerLatentValue;

    private static string Distances(Score model, Score other) => string.Join(", ", new[]
    {
        Distance("PSNR", model.Psnr - other.Psnr, "0.00 dB", isMoreBetter: true),
        Distance("SSIM", model.Ssim - other.Ssim, "0.000", isMoreBetter: true),
        Distance("LPIPS", model.Lpips - other.Lpips, "0.000", isMoreBetter: false),
    }.OfType<string>());

    private static string? Distance(string measure, double? difference, string format, bool isMoreBetter)
    {
        if (difference is not { } by)
        {
            return null;
        }

        var shown = Math.Abs(by).ToString(format, CultureInfo.InvariantCulture);
        return shown == 0.0.ToString(format, CultureInfo.InvariantCulture) ? $"{measure} the same" : $"{measure} {shown} {(by > 0 == isMoreBetter ? "better" : "worse")}";
    }
}
