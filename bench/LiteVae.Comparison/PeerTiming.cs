using LiteVae.Benchmarks;
using LiteVae.Comparison.Peers;

namespace LiteVae.Comparison;

/// <summary>What an image costs.</summary>
internal static class PeerTiming
{
    /// <summary>Rounds that count, after one that warms up.</summary>
    public const int Rounds = 5;

    /// <summary>Times them turn by turn, so that a busy machine slows all alike.</summary>
    public static Times Measure(IReadOnlyList<IPeer> peers, RgbImage image)
    {
        var rounds = Enumerable.Range(0, Rounds + 1).Select(_ => peers.Select(peer => Milliseconds(peer, image)).ToArray()).Skip(1).ToList();
        return new Times([.. peers.Select((_, i) => rounds.Select(round => round[i]).Order().ElementAt(Rounds / 2))], $"{image.Width} x {image.Height}", Processor.Name);
    }

    // time on the processor, not on the wall: all run on one thread, and what else the machine does is not theirs
    private static double Milliseconds(IPeer peer, RgbImage image)
    {
        var before = Environment.CpuUsage.TotalTime;
        _ = peer.Reconstruct(image);
        return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds;
    }
}
