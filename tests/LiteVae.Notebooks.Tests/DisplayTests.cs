using System.Text.Json.Nodes;
using SkiaSharp;

namespace LiteVae.Notebooks.Tests;

/// <summary>What <c>display</c> makes of each kind of value.</summary>
public sealed class DisplayTests
{
    private static readonly SKColor Colour = new(200, 100, 50);

    [Theory]
    [InlineData("display(new LiteVae.RgbImage(2, 1, new byte[] { 200, 100, 50, 200, 100, 50 }))", "image/png")]
    [InlineData("display(Microsoft.ML.Data.MLImage.CreateFromPixels(2, 1, Microsoft.ML.Data.MLPixelFormat.Bgra32, new byte[] { 50, 100, 200, 255, 50, 100, 200, 255 }))", "image/png")]
    [InlineData("display(Microsoft.ML.Data.MLImage.CreateFromPixels(2, 1, Microsoft.ML.Data.MLPixelFormat.Rgba32, new byte[] { 200, 100, 50, 255, 200, 100, 50, 255 }))", "image/png")]
    [InlineData("var b = new SkiaSharp.SKBitmap(2, 1); b.Erase(new SkiaSharp.SKColor(200, 100, 50)); display(b);", "image/png")]
    [InlineData("var b = new SkiaSharp.SKBitmap(2, 1); b.Erase(new SkiaSharp.SKColor(200, 100, 50)); display(b.Encode(SkiaSharp.SKEncodedImageFormat.Png, 100).ToArray());", "image/png")]
    [InlineData("var b = new SkiaSharp.SKBitmap(2, 1); b.Erase(new SkiaSharp.SKColor(200, 100, 50)); display(b.Encode(SkiaSharp.SKEncodedImageFormat.Jpeg, 100).ToArray());", "image/jpeg")]
    [InlineData("var b = new SkiaSharp.SKBitmap(2, 1); b.Erase(new SkiaSharp.SKColor(200, 100, 50)); Convert.ToBase64String(b.Encode(SkiaSharp.SKEncodedImageFormat.Png, 100).ToArray()).DisplayAs(\"image/png\");", "image/png")]
    public async Task A_picture_is_saved_as_a_file_that_shows_it(string code, string type)
    {
        var (shown, value) = Assert.Single(await Shown(code));

        Assert.Equal(type, shown);
        using var picture = SKBitmap.Decode(Convert.FromBase64String((string)value!));
        Assert.Equal((2, 1), (picture.Width, picture.Height));
        var pixel = picture.GetPixel(1, 0);
        Assert.All(new[] { pixel.Red - Colour.Red, pixel.Green - Colour.Green, pixel.Blue - Colour.Blue }, difference => Assert.InRange(difference, -3, 3)); // JPEG rounds
    }

    [Fact]
    public async Task Rows_of_objects_are_a_table_in_html_and_in_text()
    {
        var shown = await Shown("display(new[] { new { Name = \"a<b\", Number = 1.5 }, new { Name = \"c\", Number = 20.0 } })");

        Assert.Equal("<table>\n<tr><th>Name</th><th>Number</th></tr>\n<tr><td>a&lt;b</td><td>1.5</td></tr>\n<tr><td>c</td><td>20</td></tr>\n</table>", SmallNotebook.Text(shown["text/html"]));
        Assert.Equal("Name  Number\na<b   1.5\nc     20", SmallNotebook.Text(shown["text/plain"]));
    }

    [Fact]
    public async Task A_data_view_is_a_table_of_its_first_rows()
    {
        var shown = await Shown(
            """
            using Microsoft.ML;
            display(new MLContext().Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(i => new { Number = i, Values = new float[] { i, 1, 2, 3, 4, 5 } })));
            """);

        var lines = SmallNotebook.Text(shown["text/plain"]).Split('\n');
        Assert.Equal(11, lines.Length);
        Assert.Equal("Number  Values", lines[0]);
        Assert.Equal("9       [9, 1, 2, 3, ... 6 values]", lines[^1]);
        Assert.Contains("<td>9</td><td>[9, 1, 2, 3, ... 6 values]</td>", SmallNotebook.Text(shown["text/html"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("display(\"two\\nlines\")", "two\nlines")]
    [InlineData("display(1.25)", "1.25")]
    [InlineData("display(new[] { 1, 2, 3 })", "[1, 2, 3]")]
    [InlineData("display(new[] { \"a\", \"b\" })", "[a, b]")]
    [InlineData("display(null)", "null")]
    public async Task Anything_else_is_text(string code, string text) => Assert.Equal(text, SmallNotebook.Text(Assert.Single(await Shown(code)).Value));

    private static async Task<JsonObject> Shown(string code)
    {
        var output = Assert.Single(await SmallNotebook.Outputs(code))!;
        Assert.Equal("display_data", (string?)output["output_type"]);
        return output["data"]!.AsObject();
    }
}
