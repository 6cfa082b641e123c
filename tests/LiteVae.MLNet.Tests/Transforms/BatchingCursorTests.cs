using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae.Tests.Transforms;

public sealed class BatchingCursorTests : IDisposable
{
    private readonly Pipeline _pipeline = new();

    public void Dispose() => _pipeline.Dispose();

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(31, 1)]
    [InlineData(32, 1)]
    [InlineData(33, 2)]
    [InlineData(200, 7)]
    public void Rows_come_in_order_with_the_ids_positions_and_values_of_their_source(int count, int runs)
    {
        var source = _pipeline.Rows(count);
        using var encoder = _pipeline.Encoder(_pipeline.EncodeOptions(batch: 32));
        var view = encoder.Transform(source);
        using var expected = source.GetRowCursor(source.Schema);
        using var actual = view.GetRowCursor(view.Schema);

        var row = new CursorRow(actual);
        var sourceId = expected.GetIdGetter();
        for (var i = 0; i < count; i++)
        {
            Assert.True(expected.MoveNext());
            Assert.True(actual.MoveNext());
            DataViewRowId id = default;
            sourceId(ref id);
            Assert.Equal((i, id, expected.Batch), (actual.Position, row.Id, actual.Batch));
            Assert.Equal((i, $"row {i}"), (row.Get<int>("Number"), row.Get<ReadOnlyMemory<char>>("Name").ToString()));
            Assert.Equal([i, i + 0.5f, -i], row.Get<VBuffer<float>>("Values").DenseValues());
            PictureRow.AssertLatent(i, row.Get<VBuffer<float>>("Latent").DenseValues());
            using var image = row.Get<MLImage>("Image");
            Assert.Equal((PictureRow.Side, PictureRow.Side, PictureRow.Colour(i).Red), (image.Width, image.Height, image.Pixels[2]));
        }

        Assert.False(actual.MoveNext());
        Assert.False(actual.MoveNext());
        Assert.Equal(-1, actual.Position);
        Assert.Equal(runs, encoder.Model.EncoderRuns);
        Assert.Equal(source.GetRowCount(), view.GetRowCount());
    }

    [Fact]
    public void Encode_gives_the_same_bytes_for_any_batch_size()
    {
        var source = _pipeline.Rows(40);
        var answers = new[] { 1, 3, 8, 64 }.Select(batch =>
        {
            using var encoder = _pipeline.Encoder(_pipeline.EncodeOptions(batch));
            return Pipeline.Latents(encoder.Transform(source)).SelectMany(latent => latent).Select(BitConverter.SingleToInt32Bits).ToArray();
        }).ToArray();

        Assert.All(answers, answer => Assert.Equal(answers[0], answer));
    }

    [Fact]
    public void Columns_not_asked_for_are_not_computed()
    {
        using var encoder = _pipeline.Encoder();
        var view = encoder.Transform(_pipeline.Rows(20));
        Assert.Equal(Enumerable.Range(0, 20), view.GetColumn<int>("Number"));

        using (var cursor = view.GetRowCursor(view.Schema))
        {
            while (cursor.MoveNext())
            {
            }
        }

        Assert.Equal(0, encoder.Model.EncoderRuns);
        using var onlyNumbers = view.GetRowCursor([view.Schema["Number"]]);
        Assert.False(onlyNumbers.IsColumnActive(view.Schema["Latent"]));
        var error = Assert.Throws<InvalidOperationException>(() => onlyNumbers.GetGetter<VBuffer<float>>(view.Schema["Latent"]));
        Assert.Contains("'Latent' is not active", error.Message);
    }

    [Fact]
    public void Batches_that_nobody_asks_about_are_not_run()
    {
        using var encoder = _pipeline.Encoder();
        var view = encoder.Transform(_pipeline.Rows(64));
        Assert.Equal(3, Pipeline.Latents(_pipeline.Context.Data.TakeRows(view, 3)).Length);
        Assert.Equal(1, encoder.Model.EncoderRuns);
        Assert.Equal(4, Pipeline.Latents(_pipeline.Context.Data.SkipRows(view, 60)).Length);
        Assert.Equal(2, encoder.Model.EncoderRuns);
        Assert.Equal(10, view.Preview(10).RowView.Length);
        Assert.Equal(4, encoder.Model.EncoderRuns);
    }

    [Fact]
    public void A_row_asked_for_twice_is_computed_once()
    {
        using var encoder = _pipeline.Encoder();
        var view = encoder.Transform(_pipeline.Rows(1));
        using var cursor = view.GetRowCursor(view.Schema);
        Assert.True(cursor.MoveNext());
        var row = new CursorRow(cursor);
        Assert.Equal(row.Get<VBuffer<float>>("Latent").DenseValues(), row.Get<VBuffer<float>>("Latent").DenseValues());
        Assert.Equal(1, encoder.Model.EncoderRuns);
    }

    [Fact]
    public void Getters_off_a_row_and_of_the_wrong_type_say_so()
    {
        using var encoder = _pipeline.Encoder();
        var view = encoder.Transform(_pipeline.Rows(1));
        using var cursor = view.GetRowCursor(view.Schema);
        var get = cursor.GetGetter<VBuffer<float>>(view.Schema["Latent"]);
        VBuffer<float> value = default;
        Assert.Contains("not on a row", Assert.Throws<InvalidOperationException>(() => get(ref value)).Message);
        Assert.Contains("System.Double", Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<double>(view.Schema["Latent"])).Message);
    }

    [Fact]
    public async Task A_set_of_cursors_read_by_several_threads_delivers_every_row_once()
    {
        // A cache has real sets of cursors; it drops images, so the rows hold paths.
        for (var i = 0; i < 5; i++)
        {
            PngFile.Save(_pipeline[$"{i}.png"], new RgbImage(8, 8, [.. Enumerable.Repeat((byte)(50 * i), 192)]));
        }

        var paths = Enumerable.Range(0, 1000).Select(number => new PathRow { Number = number, Path = _pipeline[$"{number % 5}.png"] });
        var cached = _pipeline.Context.Data.Cache(_pipeline.Context.Data.LoadFromEnumerable(paths));
        using var encoder = _pipeline.Context.Transforms.LiteVaeEncode("Latent", "Path", new LiteVaeEncodeOptions { Model = _pipeline.ModelFolder, Threads = 1 }).Fit(cached);
        var view = encoder.Transform(cached);
        var cursors = view.GetRowCursorSet(view.Schema, 4);
        var numbers = await Task.WhenAll(cursors.Select(cursor => Task.Run(() => ReadAll(cursor))));

        Assert.Equal(4, cursors.Length);
        Assert.All(numbers, part => Assert.NotEmpty(part));
        Assert.Equal(Enumerable.Range(0, 1000), numbers.SelectMany(part => part).Order());

        static List<int> ReadAll(DataViewRowCursor cursor)
        {
            using (cursor)
            {
                var row = new CursorRow(cursor);
                var read = new List<int>();
                while (cursor.MoveNext())
                {
                    read.Add(row.Get<int>("Number"));
                    var grey = (byte)(50 * (read[^1] % 5));
                    PictureRow.AssertClose(PictureRow.Latent((grey, grey, grey), 1), row.Get<VBuffer<float>>("Latent").DenseValues());
                }

                return read;
            }
        }
    }

    [Fact]
    public void An_abandoned_enumeration_gives_the_model_back()
    {
        var encoder = _pipeline.Encoder();
        var view = encoder.Transform(_pipeline.Rows(100));
        using (var cursor = view.GetRowCursor(view.Schema))
        {
            Assert.True(cursor.MoveNext());
            new CursorRow(cursor).Get<VBuffer<float>>("Latent");
            encoder.Dispose();
            Assert.True(encoder.Model.IsAlive);
        }

        Assert.False(encoder.Model.IsAlive);
    }

    [Fact]
    public void A_cursor_open_when_the_transformer_is_disposed_is_read_to_its_end()
    {
        var encoder = _pipeline.Encoder();
        var view = encoder.Transform(_pipeline.Rows(30));
        using var cursor = view.GetRowCursor(view.Schema);
        encoder.Dispose();

        var row = new CursorRow(cursor);
        for (var i = 0; cursor.MoveNext(); i++)
        {
            PictureRow.AssertLatent(i, row.Get<VBuffer<float>>("Latent").DenseValues());
        }

        Assert.False(encoder.Model.IsAlive);
        Assert.Contains("Keep the model, or the transformer or chain that owns it", Assert.Throws<ObjectDisposedException>(() => view.GetRowCursor(view.Schema)).Message);
    }

    [Fact]
    public void Shuffled_rows_stay_together_and_an_abandoned_shuffle_gives_the_model_back()
    {
        var encoder = _pipeline.Encoder();
        var shuffled = _pipeline.Context.Data.ShuffleRows(encoder.Transform(_pipeline.Rows(50)), seed: 1, shufflePoolSize: 20);
        Assert.Equal(50, ReadAll(shuffled));
        Abandon(shuffled);

        // ML.NET's shuffling never disposes its input cursor: the lease's finalizer has to give the model back.
        encoder.Dispose();
        for (var i = 0; i < 10 && encoder.Model.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(encoder.Model.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static int ReadAll(IDataView view)
        {
            using var cursor = view.GetRowCursor([view.Schema["Number"], view.Schema["Latent"]]);
            var row = new CursorRow(cursor);
            var numbers = new HashSet<int>();
            while (cursor.MoveNext())
            {
                numbers.Add(row.Get<int>("Number"));
                PictureRow.AssertLatent(row.Get<int>("Number"), row.Get<VBuffer<float>>("Latent").DenseValues());
            }

            return numbers.Count;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Abandon(IDataView view)
        {
            using var cursor = view.GetRowCursor([view.Schema["Latent"]]);
            Assert.True(cursor.MoveNext());
        }
    }

    private sealed class PathRow
    {
        public int Number { get; set; }

        public string Path { get; set; } = "";
    }
}
