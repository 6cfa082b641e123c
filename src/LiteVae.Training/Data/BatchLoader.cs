using System.Diagnostics;

namespace LiteVae.Training;

/// <summary>Decodes the batches of coming steps in background threads and hands them out in order.</summary>
internal sealed class BatchLoader
{
    private const int Ahead = 4; // batches in flight

    private readonly Queue<Task<PixelTensor>> _coming = new();
    private readonly IEnumerator<PlannedStep> _plan;
    private readonly CropSampler _sampler;
    private readonly int _rank;
    private readonly int _processes;

    /// <summary>Starts loading.</summary>
    /// <param name="sampler">Makes the samples.</param>
    /// <param name="plan">The steps to come.</param>
    /// <param name="rank">Which process this is: each has its own part of every batch.</param>
    /// <param name="processes">How many there are.</param>
    public BatchLoader(CropSampler sampler, IEnumerable<PlannedStep> plan, int rank = 0, int processes = 1)
    {
        (_sampler, _plan, _rank, _processes) = (sampler, plan.GetEnumerator(), rank, processes);
        for (var i = 0; i < Ahead; i++)
        {
            StartNext();
        }
    }

    /// <summary>Time that <see cref="Next"/> has spent waiting.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>The next step's images, [N, 3, R, R] in [-1, 1].</summary>
    /// <exception cref="InvalidDataException">No image can be read.</exception>
    public PixelTensor Next()
    {
        var clock = Stopwatch.StartNew();
        var batch = _coming.Dequeue().GetAwaiter().GetResult();
        Waited += clock.Elapsed;
        StartNext();
        return batch;
    }

    private void StartNext()
    {
        if (!_plan.MoveNext())
        {
            return;
        }

        var at = _plan.Current;
        var count = at.Stage.BatchSize / _processes;
        var first = at.FirstSample + ((long)_rank * count);
        _coming.Enqueue(Task.Run(() =>
        {
            var batch = new PixelTensor(count, at.Stage.Resolution, at.Stage.Resolution);
            try
            {
                Parallel.For(0, count, i => _sampler.Write(first + i, at.Stage, batch, i));
            }
            catch (AggregateException e)
            {
                throw e.InnerExceptions[0]; // that of any image: none of them can be read
            }

            return batch;
        }));
    }
}
