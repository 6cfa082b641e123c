using System.Diagnostics;

namespace LiteVae.Training;

/// <summary>Decodes the batches of coming steps in background threads and hands them out in order.</summary>
internal sealed class BatchLoader
{
    private const int Ahead = 4; // batches in flight: decoding is many times faster than a training step

    private readonly Queue<Task<PixelTensor>> _coming = new();
    private readonly IEnumerator<(long FirstSample, TrainingStage Stage)> _plan;
    private readonly CropSampler _sampler;
    private readonly CancellationToken _cancellation;

    /// <summary>Starts loading.</summary>
    /// <param name="sampler">Makes the samples.</param>
    /// <param name="plan">For each step to come: number of its first sample, and its stage.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public BatchLoader(CropSampler sampler, IEnumerable<(long FirstSample, TrainingStage Stage)> plan, CancellationToken cancellation)
    {
        _sampler = sampler;
        _plan = plan.GetEnumerator();
        _cancellation = cancellation;
        for (var i = 0; i < Ahead; i++)
        {
            StartNext();
        }
    }

    /// <summary>Time that <see cref="Next"/> has spent waiting.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>The next step's batch, [N, 3, R, R] in [-1, 1].</summary>
    public PixelTensor Next()
    {
        var clock = Stopwatch.StartNew();
        var task = _coming.Dequeue();
        task.Wait(_cancellation);
        Waited += clock.Elapsed;
        StartNext();
        return task.Result;
    }

    private void StartNext()
    {
        if (!_plan.MoveNext())
        {
            return;
        }

        var (first, stage) = _plan.Current;
        _coming.Enqueue(Task.Run(() =>
        {
            var batch = new PixelTensor(stage.BatchSize, stage.Resolution, stage.Resolution);
            for (var i = 0; i < stage.BatchSize; i++)
            {
                _sampler.Write(first + i, batch, i);
            }

            return batch;
        }));
    }
}
