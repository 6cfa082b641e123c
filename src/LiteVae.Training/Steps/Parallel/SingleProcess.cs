using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The only rank: its gradients are the mean.</summary>
internal sealed class SingleProcess : GradientSync
{
    public override int Rank => 0;

    public override int Size => 1;

    public override int LocalRank => 0;

    public override int LocalSize => 1;

    public override int Threads => Environment.ProcessorCount;

    public override void Average(IReadOnlyList<Tensor> gradients)
    {
    }

    public override void Sum(Span<double> values)
    {
    }

    public override void Abort(int exitCode, string message)
    {
    }

    public override void Dispose()
    {
    }
}
