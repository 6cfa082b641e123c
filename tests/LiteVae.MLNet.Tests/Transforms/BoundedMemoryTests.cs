using Microsoft.ML.Data;

namespace LiteVae.Tests.Transforms;

/// <summary>What measures this process's memory runs by itself.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;

[Collection(nameof(AloneInTheProcess))]
public sealed class BoundedMemoryTests : IDisposable
{
    private readonly Pipeline _pipeline = new();

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public void Memory_does_not_grow_with_the_rows()
    {
        // An image of 256 x 256 takes 256 KB: 4,000 of them 1 GB, the batch 2 MB.
        using var encoder = _pipeline.Encoder(_pipeline.EncodeOptions() with { Width = 256, Height = 256 });
        var view = encoder.Transform(_pipeline.Context.Data.LoadFromEnumerable(Endless().Take(4_000)));
        using var cursor = view.GetRowCursor([view.Schema["Latent"]]);
        var get = cursor.GetGetter<VBuffer<float>>(view.Schema["Latent"]);
        VBuffer<float> latent = default;
        long early = 0;
        for (var row = 1; cursor.MoveNext(); row++)
        {
            get(ref latent);
            early = row == 400 ? GC.GetTotalMemory(forceFullCollection: true) : early;
            if (row == 4_000)
            {
                Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - early, long.MinValue, 8_000_000);
            }
        }

        IEnumerable<PictureRow> Endless()
        {
            using var image = PictureRow.Solid(256, 256, (10, 20, 30));
            while (true)
            {
                yield return new PictureRow { Image = image };
            }
        }
    }
}
