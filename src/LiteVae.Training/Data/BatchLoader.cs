using System.Diagnostics;

namespace LiteVae.Training;

/// <summary>Decodes the batches of coming steps in background threads and hands them out in order.</summary>
internal sealed class BatchLoader
{
    private const int Ahead = 4; // batches in flight: decoding is many times faster than a training step

    private readonly Queue<Task<PixelTensor>> _coming = new();
    private readonly IEnumerator<(long FirstSample, TrainingStage Stage)> _plan;
    private readonly CropSampler _sampler;

    /// <summary>Starts loading.</summary>
    /// <param name="sampler">Makes the samples.</param>
    /// <param name="plan">For each step to come: number of its first sample, and its stage.</param>
    public BatchLoader(CropSampler sampler, IEnumerable<(long FirstSample, TrainingStage Stage)> plan)
    {
        _sampler = sampler;
        _plan = plan.GetEnumerator();
        for (var i = 0; i < Ahead; i++)
        {
            StartNext();
        }
    }

    /// <summary>Time that <see cref="Next"/> has spent waiting.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>The next step's batch, [N, 3, R, R] in [-1, 1].</summary>
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
