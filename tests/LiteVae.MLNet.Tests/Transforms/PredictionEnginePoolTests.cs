using Microsoft.Extensions.ObjectPool;
using Microsoft.ML;

namespace LiteVae.Tests.Transforms;

/// <summary>A pool of engines over one pipeline, as a web app has it.</summary>
public sealed class PredictionEnginePoolTests : IDisposable
{
    private readonly Pipeline _pipeline = new();

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public async Task Many_threads_get_the_answers_of_the_batch_path_from_one_session()
    {
        using var encoder = _pipeline.Encoder();
        var expected = Pipeline.Latents(encoder.Transform(_pipeline.Rows(200)));
        var runs = encoder.Model.EncoderRuns;
        var pool = Pool(encoder);
        var answers = new float[200][];
        await Parallel.ForAsync(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, (number, _) =>
        {
            var engine = pool.Get();
            answers[number] = engine.Predict(PictureRow.Create(number)).Latent;
            pool.Return(engine);
            return ValueTask.CompletedTask;
        });

        Assert.Equal(expected, answers);
        Assert.Equal(200, encoder.Model.EncoderRuns - runs); // of one model: every engine has run through this session
    }

    [Fact]
    public async Task A_pipeline_disposed_under_running_engines_lets_them_finish_and_refuses_the_next_call()
    {
        // Engines predict without a pause while the transformer goes: every answer is right, or the error that says it is gone.
        var encoder = _pipeline.Encoder();
        var pool = Pool(encoder);
        using var started = new CountdownEvent(8);
        var (right, refused) = (0, 0);
        var threads = Enumerable.Range(0, 8).Select(thread => Task.Factory.StartNew(
            () =>
            {
                var engine = pool.Get();
                for (var number = 0; ; number++)
                {
                    try
                    {
                        PictureRow.AssertLatent(number, engine.Predict(PictureRow.Create(number)).Latent);
                        Interlocked.Increment(ref right);
                    }
                    catch (ObjectDisposedException)
                    {
                        Interlocked.Increment(ref refused);
                        return;
                    }
                    finally
                    {
                        if (number == 0)
                        {
                            started.Signal();
                        }
                    }
                }
            },
            TaskCreationOptions.LongRunning)).ToArray();
        Assert.True(started.Wait(TimeSpan.FromSeconds(60)));
        encoder.Dispose();
        await Task.WhenAll(threads);

        Assert.True(right >= 8);
        Assert.Equal(8, refused);
        Assert.False(encoder.Model.IsAlive);
    }

    private ObjectPool<PredictionEngine<PictureRow, LatentRow>> Pool(ITransformer transformer) =>
        new DefaultObjectPoolProvider { MaximumRetained = 8 }.Create(new EnginePolicy(_pipeline.Context, transformer));

    private sealed class EnginePolicy(MLContext context, ITransformer transformer) : PooledObjectPolicy<PredictionEngine<PictureRow, LatentRow>>
    {
        // The transformer is everybody's: an engine that the pool drops must not take it along.
        public override PredictionEngine<PictureRow, LatentRow> Create() =>
            context.Model.CreatePredictionEngine<PictureRow, LatentRow>(transformer, new PredictionEngineOptions { OwnsTransformer = false });

        public override bool Return(PredictionEngine<PictureRow, LatentRow> engine) => true;
    }
}
