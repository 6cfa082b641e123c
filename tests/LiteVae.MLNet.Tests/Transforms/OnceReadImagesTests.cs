using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace LiteVae.Tests.Transforms;

public sealed class OnceReadImagesTests
{
    [Fact]
    public void Two_readers_of_a_row_get_one_image_that_was_read_once()
    {
        using var input = new CountingRow();
        using var row = new OnceReadImages(input);
        var (first, second) = (row.GetGetter<MLImage>(row.Schema[0]), row.GetGetter<MLImage>(row.Schema[0]));
        for (var i = 0; i < 3; i++)
        {
            input.Move();
            MLImage one = null!;
            MLImage two = null!;
            first(ref one);
            second(ref two);
            Assert.Same(one, two);
            Assert.Equal(i + 1, one.Width);
        }

        Assert.Equal(3, input.Reads);
    }

    [Fact]
    public void An_image_that_failed_is_not_taken_for_read()
    {
        using var input = new CountingRow { Fails = true };
        using var row = new OnceReadImages(input);
        var get = row.GetGetter<MLImage>(row.Schema[0]);
        input.Move();
        MLImage image = null!;
        Assert.Throws<IOException>(() => get(ref image));
        Assert.Throws<IOException>(() => get(ref image));
        input.Fails = false;
        get(ref image);
        Assert.Equal(1, image.Width);
    }

    /// <summary>A row with an image as wide as the row's number, counting from 1; disposes the image of the row before, as LoadImages does.</summary>
    private sealed class CountingRow : DataViewRow
    {
        private long _position = -1;
        private MLImage? _last;

        public int Reads { get; private set; }

        public bool Fails { get; set; }

        public override DataViewSchema Schema { get; } = CreateSchema();

        public override long Position => _position;

        public override long Batch => 0;

        public void Move() => _position++;

        public override bool IsColumnActive(DataViewSchema.Column column) => true;

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = default;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => (ValueGetter<TValue>)(object)new ValueGetter<MLImage>(Read);

        protected override void Dispose(bool disposing)
        {
            _last?.Dispose();
            base.Dispose(disposing);
        }

        private void Read(ref MLImage value)
        {
            Reads++;
            value?.Dispose();
            value = Fails ? throw new IOException("unreadable") : PictureRow.Solid((int)_position + 1, 1, (1, 2, 3));
            _last = value;
        }

        private static DataViewSchema CreateSchema()
        {
            var builder = new DataViewSchema.Builder();
            builder.AddColumn("Image", new ImageDataViewType());
            return builder.ToSchema();
        }
    }
}
