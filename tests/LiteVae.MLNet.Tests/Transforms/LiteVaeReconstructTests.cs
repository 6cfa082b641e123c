using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae.Tests.Transforms;

public sealed class LiteVaeReconstructTests : IDisposable
{
    private readonly Pipeline _pipeline = new();

    private LiteVaeReconstructOptions Options => new() { Model = _pipeline.ModelFolder, PsnrColumn = "Psnr", SsimColumn = "Ssim" };

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public void Reconstructions_keep_each_image_size_and_come_with_their_psnr_and_ssim()
    {
        (int Width, int Height)[] sizes = [(16, 16), (9, 21), (13, 13), (1, 1)];
        var rows = sizes.Select((size, i) => new PictureRow { Number = i, Image = PictureRow.Solid(size.Width, size.Height, (85, 85, 204)) }).ToArray();
        using var transformer = _pipeline.Context.Transforms.LiteVaeReconstruct("Reconstruction", "Image", Options).Fit(_pipeline.Rows(1));
        var view = transformer.Transform(_pipeline.Rows(rows));
        using var cursor = view.GetRowCursor(view.Schema);
        var row = new CursorRow(cursor);
        foreach (var (width, height) in sizes)
        {
            Assert.True(cursor.MoveNext());
            using var image = row.Get<MLImage>("Reconstruction");
            Assert.Equal((width, height), (image.Width, image.Height));

            // By hand, as for the model itself: (85, 85, 204) becomes (0, 172, 0). In the order blue, green, red, alpha:
            Assert.Equal([0, 172, 0, 255], image.Pixels[..4].ToArray());
            Assert.Equal(10 * Math.Log10(255.0 * 255 * 3 / ((85 * 85) + (87 * 87) + (204 * 204))), row.Get<float>("Psnr"), 1e-4);

            // Constant images: only the luminance term is not 1.
            var ssim = new[] { (85.0, 0.0), (85, 172), (204, 0) }.Average(pair => ((2 * pair.Item1 * pair.Item2) + 6.5025) / ((pair.Item1 * pair.Item1) + (pair.Item2 * pair.Item2) + 6.5025));
            Assert.Equal(Math.Min(width, height) < 11 ? double.NaN : ssim, row.Get<float>("Ssim"), 1e-4);
        }

        Assert.Equal(3, transformer.Model.EncoderRuns);
        Assert.Equal(3, transformer.Model.DecoderRuns);
    }

    [Fact]
    public void A_fixed_size_need_not_be_a_multiple_of_eight()
    {
        using var transformer = _pipeline.Context.Transforms.LiteVaeReconstruct("Reconstruction", "Image", Options with { Width = 13, Height = 11 }).Fit(_pipeline.Rows(1));
        using var image = Pipeline.First<MLImage>(transformer.Transform(_pipeline.Rows(1)), "Reconstruction");
        Assert.Equal((13, 11), (image.Width, image.Height));
    }

    [Fact]
    public void The_image_column_may_be_replaced_by_its_reconstruction()
    {
        using var transformer = _pipeline.Context.Transforms.LiteVaeReconstruct("Image", "Image", Options).Fit(_pipeline.Rows(1));
        var view = transformer.Transform(_pipeline.Rows(new PictureRow { Image = PictureRow.Solid(16, 16, (85, 85, 204)) }));
        using var image = Pipeline.First<MLImage>(view, "Image");
        Assert.Equal([0, 172, 0, 255], image.Pixels[..4].ToArray());
    }

    [Fact]
    public void A_bad_row_has_no_image_and_no_numbers()
    {
        using var transformer = _pipeline.Context.Transforms.LiteVaeReconstruct("Reconstruction", "Image", Options with { OnError = OnRowError.Missing }).Fit(_pipeline.Rows(1));
        var view = transformer.Transform(_pipeline.Rows(new PictureRow()));
        Assert.Null(Pipeline.First<MLImage>(view, "Reconstruction"));
        Assert.Equal(float.NaN, Pipeline.First<float>(view, "Psnr"));
        Assert.Equal(float.NaN, Pipeline.First<float>(view, "Ssim"));
    }

    [Theory]
    [InlineData("R", null)]
    [InlineData(null, "R")]
    public void A_number_column_of_the_output_columns_name_is_refused(string? psnr, string? ssim)
    {
        var options = Options with { PsnrColumn = psnr, SsimColumn = ssim };
        Assert.Contains("is 'R'", Assert.Throws<ArgumentException>(() => _pipeline.Context.Transforms.LiteVaeReconstruct("R", "Image", options)).Message);
    }

    [Fact]
    public void Columns_of_one_name_are_refused()
    {
        var options = Options with { PsnrColumn = "Quality", SsimColumn = "Quality" };
        Assert.Contains("both 'Quality'", Assert.Throws<ArgumentException>(() => _pipeline.Context.Transforms.LiteVaeReconstruct("R", "Image", options)).Message);
    }
}
