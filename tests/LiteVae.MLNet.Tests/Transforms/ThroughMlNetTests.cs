using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae.Tests.Transforms;

/// <summary>The encoder's column under what ML.NET offers for reading data.</summary>
public sealed class ThroughMlNetTests : IDisposable
{
    private readonly Pipeline _pipeline = new();

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public void Preview_shows_the_first_rows()
    {
        using var encoder = _pipeline.Encoder();
        var preview = encoder.Transform(_pipeline.Rows(30)).Preview(maxRows: 5);
        var latents = preview.ColumnView.Single(column => column.Column.Name == "Latent").Values.Cast<VBuffer<float>>().ToArray();
        Assert.Equal(5, latents.Length);
        Assert.All(latents.Index(), row => PictureRow.AssertLatent(row.Index, row.Item.DenseValues()));

        var estimated = _pipeline.Context.Transforms.LiteVaeEncode("Latent", "Image", _pipeline.EncodeOptions()).Preview(_pipeline.Rows(30), maxRows: 3);
        Assert.Equal(3, estimated.RowView.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CreateEnumerable_gives_every_row(bool reuse)
    {
        using var encoder = _pipeline.Encoder();
        var number = 0;
        foreach (var row in _pipeline.Context.Data.CreateEnumerable<LatentRow>(encoder.Transform(_pipeline.Rows(20)), reuse))
        {
            Assert.Equal(number, row.Number);
            PictureRow.AssertLatent(number++, row.Latent);
        }

        Assert.Equal(20, number);
    }

    [Theory]
    [InlineData(1, 7)]
    [InlineData(3, 100)]
    [InlineData(19, 1)]
    [InlineData(20, 1)]
    public void TakeRows_and_SkipRows_take_and_skip(int skip, int take)
    {
        using var encoder = _pipeline.Encoder();
        var data = _pipeline.Context.Data;
        var taken = Pipeline.Latents(data.TakeRows(data.SkipRows(encoder.Transform(_pipeline.Rows(20)), skip), take));
        Assert.Equal(Math.Min(take, 20 - skip), taken.Length);
        Assert.All(taken.Index(), row => PictureRow.AssertLatent(skip + row.Index, row.Item));
    }

    [Fact]
    public void Filters_see_the_column()
    {
        var data = _pipeline.Context.Data;
        var rows = PictureRow.Many(20);
        rows[3].Image = rows[17].Image = null;
        using var encoder = _pipeline.Encoder(_pipeline.EncodeOptions() with { OnError = OnRowError.Missing });
        var view = encoder.Transform(_pipeline.Rows(rows));

        Assert.Equal(Enumerable.Range(0, 20).Except([3, 17]), data.FilterRowsByMissingValues(view, "Latent").GetColumn<int>("Number"));
        Assert.Equal(2, encoder.MissingRows);
        var bright = data.FilterByCustomPredicate<LatentRow>(view, row => !(row.Latent[0] > -2.9f));
        Assert.All(bright.GetColumn<int>("Number"), number => Assert.True(PictureRow.Latent(number)[0] > -2.9f));
        Assert.Equal(Enumerable.Range(0, 20).Except([3, 17]).Count(number => PictureRow.Latent(number)[0] > -2.9f), bright.GetColumn<int>("Number").Count());
    }

    [Fact]
    public void Splits_divide_the_rows()
    {
        var data = _pipeline.Context.Data;
        using var encoder = _pipeline.Encoder();
        var view = encoder.Transform(_pipeline.Rows(60));
        var split = data.TrainTestSplit(view, testFraction: 0.3);
        RequireAllOf(60, split.TrainSet, split.TestSet);
        RequireAllOf(60, [.. data.CrossValidationSplit(view, numberOfFolds: 3).Select(fold => fold.TestSet)]);
    }

    [Fact]
    public void A_view_saved_as_binary_or_text_comes_back()
    {
        var data = _pipeline.Context.Data;
        using var encoder = _pipeline.Encoder();
        var view = encoder.Transform(_pipeline.Rows(20));
        using (var file = File.Create(_pipeline["view.idv"]))
        {
            data.SaveAsBinary(view, file);
        }

        var binary = data.LoadFromBinary(_pipeline["view.idv"]);
        Assert.Equal([2, 2, 2], ((VectorDataViewType)binary.Schema["Latent"].Type).Dimensions.ToArray());
        Assert.All(Pipeline.Latents(binary).Index(), row => PictureRow.AssertLatent(row.Index, row.Item));

        using (var file = File.Create(_pipeline["view.tsv"]))
        {
            data.SaveAsText(_pipeline.Context.Transforms.SelectColumns("Number", "Latent").Fit(view).Transform(view), file);
        }

        var text = data.LoadFromTextFile<TextRow>(_pipeline["view.tsv"], hasHeader: true);
        Assert.All(Pipeline.Latents(text).Index(), row => PictureRow.AssertLatent(row.Index, row.Item));
    }

    [Fact]
    public void Several_of_our_transforms_in_a_chain_run_each_model_once_a_batch_and_only_where_asked()
    {
        var transforms = _pipeline.Context.Transforms;
        var (encode, decode) = (_pipeline.EncodeOptions(batch: 4), new LiteVaeDecodeOptions { Model = _pipeline.ModelFolder, BatchSize = 4 });
        var rows = _pipeline.Rows(10);
        using var first = transforms.LiteVaeEncode("Latent", "Image", encode).Fit(rows);
        var latents = first.Transform(rows);
        using var second = transforms.LiteVaeDecode("Decoded", "Latent", decode).Fit(latents);
        var decoded = second.Transform(latents);
        using var third = transforms.LiteVaeEncode("Again", "Decoded", encode).Fit(decoded);
        var again = third.Transform(decoded);

        // z0 = R + 2 G and z1 = B - 0.25 become R and G, clamped to an image's range and its 256 levels; encoding these again gives R + 2 G.
        foreach (var (number, values) in again.GetColumn<float[]>("Again").Index())
        {
            var latent = PictureRow.Latent(number);
            var (red, green) = (Math.Clamp(latent[0], -1, 1), Math.Clamp(latent[^1], -1, 1));
            Assert.Equal(red + (2 * green), values[0], 3 / 255f);
        }

        Assert.Equal((3, 3, 3), (first.Model.EncoderRuns, second.Model.DecoderRuns, third.Model.EncoderRuns));
        Assert.Equal(10, Pipeline.Latents(again).Length);
        Assert.Equal((6, 3, 3), (first.Model.EncoderRuns, second.Model.DecoderRuns, third.Model.EncoderRuns));
    }

    [Fact]
    public void A_cancelled_host_ends_the_reading()
    {
        using var encoder = _pipeline.Encoder();
        var view = encoder.Transform(_pipeline.Rows(100));
        using var cursor = view.GetRowCursor(view.Schema);
        Assert.True(cursor.MoveNext());
        CancelHost(_pipeline.Context);
        var read = 1;
        Assert.Throws<OperationCanceledException>(() =>
        {
            while (cursor.MoveNext())
            {
                read++;
            }
        });
        Assert.Equal(8, read);
    }

    private static void RequireAllOf(int count, params IDataView[] parts)
    {
        foreach (var part in parts)
        {
            foreach (var (number, latent) in part.GetColumn<int>("Number").Zip(part.GetColumn<float[]>("Latent")))
            {
                PictureRow.AssertLatent(number, latent);
            }
        }

        Assert.Equal(Enumerable.Range(0, count), parts.SelectMany(part => part.GetColumn<int>("Number")).Order());
    }

    // AutoML and others in ML.NET's family cancel this way; it is not public.
    private static void CancelHost(MLContext context) =>
        typeof(MLContext).GetMethod("CancelExecution", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(context, null);

    private sealed class TextRow
    {
        [LoadColumn(0)]
        public int Number { get; set; }

        [LoadColumn(1, 8)]
        [VectorType(8)]
        public float[] Latent { get; set; } = [];
    }
}
