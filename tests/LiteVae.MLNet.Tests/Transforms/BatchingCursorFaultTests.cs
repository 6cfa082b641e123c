using Microsoft.ML.Data;

namespace LiteVae.Tests.Transforms;

/// <summary>Rows that cannot be used, sources that fail, readings that are cancelled.</summary>
public sealed class BatchingCursorFaultTests : IDisposable
{
    private readonly Pipeline _pipeline = new();

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public void A_bad_row_throws_for_itself_alone()
    {
        var rows = PictureRow.Many(20);
        rows[5].Image = null;
        using var encoder = _pipeline.Encoder();
        var view = encoder.Transform(_pipeline.Rows(rows));
        using var cursor = view.GetRowCursor(view.Schema);
        var row = new CursorRow(cursor);
        for (var i = 0; i < 20; i++)
        {
            Assert.True(cursor.MoveNext());
            Assert.Equal(i, row.Get<int>("Number"));
            if (i == 5)
            {
                Assert.Contains("Row 5: there is no image in the column 'Image'.", Assert.Throws<InvalidDataException>(() => row.Get<VBuffer<float>>("Latent")).Message);
            }
            else
            {
                PictureRow.AssertLatent(i, row.Get<VBuffer<float>>("Latent").DenseValues());
            }
        }
    }

    [Fact]
    public void A_bad_row_becomes_a_missing_value_and_a_warning_where_that_is_asked_for()
    {
        var log = new List<string>();
        _pipeline.Context.Log += (_, e) => log.Add($"{e.Kind}: {e.Message}");
        var rows = PictureRow.Many(20);
        rows[5].Image = rows[6].Image = null;
        using var encoder = _pipeline.Encoder(_pipeline.EncodeOptions() with { OnError = OnRowError.Missing });
        var latents = Pipeline.Latents(encoder.Transform(_pipeline.Rows(rows)));

        Assert.All(latents[5].Concat(latents[6]), value => Assert.True(float.IsNaN(value)));
        PictureRow.AssertLatent(4, latents[4]);
        PictureRow.AssertLatent(7, latents[7]);
        Assert.Equal(2, encoder.MissingRows);
        Assert.Contains(log, line => line.StartsWith("Warning: ") && line.Contains("2 rows") && line.Contains("Row 5: there is no image"));
    }

    [Fact]
    public void An_input_that_fails_in_the_middle_delivers_the_rows_before()
    {
        var source = _pipeline.Context.Data.LoadFromEnumerable(Failing());
        using var encoder = _pipeline.Encoder();
        var view = encoder.Transform(source);
        using var cursor = view.GetRowCursor(view.Schema);
        var row = new CursorRow(cursor);
        for (var i = 0; i < 10; i++)
        {
            Assert.True(cursor.MoveNext());
            PictureRow.AssertLatent(i, row.Get<VBuffer<float>>("Latent").DenseValues());
        }

        Assert.Equal("the source broke", Assert.Throws<IOException>(() => cursor.MoveNext()).Message);

        static IEnumerable<PictureRow> Failing()
        {
            foreach (var picture in PictureRow.Many(10))
            {
                yield return picture;
            }

            throw new IOException("the source broke");
        }
    }

    [Fact]
    public void Cancellation_stops_at_the_next_batch()
    {
        using var cancellation = new CancellationTokenSource();
        using var encoder = _pipeline.Encoder(_pipeline.EncodeOptions() with { CancellationToken = cancellation.Token });
        var view = encoder.Transform(_pipeline.Rows(100));
        using var cursor = view.GetRowCursor(view.Schema);
        var read = 0;
        Assert.Throws<OperationCanceledException>(() =>
        {
            while (cursor.MoveNext())
            {
                if (++read == 10)
                {
                    cancellation.Cancel();
                }
            }
        });
        Assert.Equal(16, read);

        // Asked again, it must not look like the end of the rows.
        Assert.Throws<OperationCanceledException>(() => cursor.MoveNext());
        Assert.Equal(-1, cursor.Position);
    }
}
