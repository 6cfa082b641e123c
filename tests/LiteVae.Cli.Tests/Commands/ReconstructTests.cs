using System.Text.Json;
using LiteVae.Tests;
using LiteVae.Tests.Images;
using LiteVae.Tests.Shared;
using SkiaSharp;

namespace LiteVae.Cli.Tests.Commands;

public sealed class ReconstructTests : IDisposable
{
    private const int ErrorGain = 8;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string Photo(string name) => Path.Combine(SharedData.Repository, "samples", "photos", name);

    [Fact]
    public async Task The_default_model_makes_pictures_numbers_and_a_report_of_photos()
    {
        var result = (await Litevae.Run("reconstruct", Photo("chelsea.jpg"), Photo("coffee.jpg"), "--out", _folder.At("out"), "--size", "64", "--json", "-")).Expect(0);

        var rows = result.Json.GetProperty("per_image").EnumerateArray().ToList();
        Assert.Equal(["chelsea.jpg", "coffee.jpg"], rows.Select(row => row.GetProperty("key").GetString()));
        Assert.Equal(2, result.Json.GetProperty("images").GetInt32());
        Assert.Empty(result.Json.GetProperty("failures").EnumerateArray());
        foreach (var row in rows)
        {
            var (input, output) = Panels(row, 64, 64);
            var photo = BicubicResizer.Fit(ImageDecoder.Decode(Photo(row.GetProperty("key").GetString()!)), 64, 64, ResizePolicy.CenterCrop);
            Assert.Equal(photo.Pixels, input.Pixels);
            Assert.Equal(PlainPsnr(input, output), row.GetProperty("psnr").GetDouble(), 1e-9);
            Assert.Equal(PlainSsim(input, output), row.GetProperty("ssim").GetDouble(), 1e-9);
        }

        foreach (var metric in new[] { "psnr", "ssim" })
        {
            Assert.Equal(rows.Average(row => row.GetProperty(metric).GetDouble()), result.Json.GetProperty(metric).GetDouble(), 1e-9);
        }

        var page = File.ReadAllText(_folder.At("out/report.html"));
        Assert.Contains("litevae-s-f8c12", page, StringComparison.Ordinal);
        Assert.Contains("centre crop 64 x 64", page, StringComparison.Ordinal);
        Assert.Contains($"error × {ErrorGain}", page, StringComparison.Ordinal);
        Assert.Contains("href=\"chelsea.jpg.png\"", page, StringComparison.Ordinal);
        Assert.Equal(6, page.Split("src=\"data:image/jpeg;base64,").Length - 1); // input, output, error map of both
        Assert.DoesNotContain("{{", page, StringComparison.Ordinal);
        Assert.DoesNotContain("://", page, StringComparison.Ordinal); // nothing from elsewhere
    }

    [Fact]
    public async Task Images_of_every_shape_keep_their_size()
    {
        using var grey = new SKBitmap(24, 17, SKColorType.Gray8, SKAlphaType.Opaque);
        grey.Erase(new SKColor(90, 90, 90));
        using var alpha = new SKBitmap(9, 12, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        alpha.Erase(new SKColor(200, 100, 50, 128));
        Save("photos/grey.jpg", Pictures.Encode(grey, SKEncodedImageFormat.Jpeg));
        Save("photos/alpha.png", Pictures.Encode(alpha, SKEncodedImageFormat.Png));
        Save("photos/odd.png", Png(13, 29));
        Save("photos/narrow.png", Png(1, 37));
        Save("photos/pixel.png", Png(1, 1));
        Save("photos/deep/er/turned.jpg", ExifFiles.InJpeg(Pictures.Encode(Pictures.Gradient(40, 16), SKEncodedImageFormat.Jpeg), 6));
        Save("photos/deep/größe #1 100%.png", Png(16, 16));

        var result = (await Litevae.Run("reconstruct", _folder.At("photos"), "--out", _folder.At("out"), "--model", TinyModel(), "--json", _folder.At("result.json"))).Expect(0);

        var json = JsonDocument.Parse(File.ReadAllText(_folder.At("result.json"))).RootElement;
        var rows = json.GetProperty("per_image").EnumerateArray().ToDictionary(row => row.GetProperty("key").GetString()!);
        Assert.Equal(7, rows.Count);
        foreach (var (key, width, height) in new[]
        {
            ("grey.jpg", 24, 17), ("alpha.png", 9, 12), ("odd.png", 13, 29), ("narrow.png", 1, 37), ("pixel.png", 1, 1), ("deep/er/turned.jpg", 16, 40), ("deep/größe #1 100%.png", 16, 16),
        })
        {
            var (input, output) = Panels(rows[key], width, height);
            Assert.Equal(PlainPsnr(input, output), rows[key].GetProperty("psnr").GetDouble(), 1e-9);
            Assert.Equal(Math.Min(width, height) < 11 ? JsonValueKind.Null : JsonValueKind.Number, rows[key].GetProperty("ssim").ValueKind);
        }

        Assert.Contains("href=\"deep/gr%C3%B6%C3%9Fe%20%231%20100%25.png.png\"", File.ReadAllText(_folder.At("out/report.html")), StringComparison.Ordinal);
        Assert.Contains("7 images", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_files_are_named_with_their_reason_and_the_others_are_done()
    {
        Save("photos/good.png", Png(16, 16));
        var cut = Save("photos/cut.jpg", File.ReadAllBytes(Photo("coffee.jpg"))[..3000]);
        var empty = Save("photos/empty.png", []);
        var text = Save("photos/text.jpg", "hello"u8.ToArray());
        var zeroBytes = Png(16, 16);
        ExifFiles.SetPngSize(zeroBytes, 0, 16);
        var zero = Save("photos/zero.png", zeroBytes);
        var missing = _folder.At("photos/missing.png");
        var list = _folder.Write("photos/list.txt", $"good.png\ncut.jpg\nempty.png\ntext.jpg\nzero.png\nmissing.png\n");

        var result = (await Litevae.Run("reconstruct", list, "nowhere", "--out", _folder.At("out"), "--model", TinyModel(), "--json", "-")).Expect(1);

        Assert.Equal("good.png", Assert.Single(result.Json.GetProperty("per_image").EnumerateArray()).GetProperty("key").GetString());
        var failures = result.Json.GetProperty("failures").EnumerateArray().ToDictionary(failure => failure.GetProperty("path").GetString()!, failure => failure.GetProperty("reason").GetString()!);
        Assert.Equal(new[] { cut, empty, text, zero, missing, "nowhere" }.Order(), failures.Keys.Order());
        foreach (var (path, reason) in new[] { (cut, "data end before"), (empty, "empty"), (text, "not an image"), (zero, "broken"), (missing, "no such"), ("nowhere", "does not exist") })
        {
            Assert.Contains(reason, failures[path], StringComparison.Ordinal);
            Assert.DoesNotContain(path, failures[path], StringComparison.Ordinal);
            Assert.Contains($"{path}: {failures[path]}", result.Error, StringComparison.Ordinal);
            Assert.Contains(System.Net.WebUtility.HtmlEncode(failures[path]), File.ReadAllText(_folder.At("out/report.html")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Where_nothing_could_be_done_the_exit_code_is_2()
    {
        Save("photos/text.jpg", "hello"u8.ToArray());
        var result = (await Litevae.Run("reconstruct", _folder.At("photos"), "--out", _folder.At("out"), "--model", TinyModel())).Expect(2);
        Assert.Contains("not an image", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.At("out/report.html")));

        result = (await Litevae.Run("reconstruct", "nowhere", "--out", _folder.At("out"), "--model", TinyModel())).Expect(2);
        Assert.Contains("nowhere", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exact_reconstruction_has_no_psnr_and_is_left_out_of_the_mean()
    {
        // By the tiny model's formulas black, (-1, -1, -1), becomes (-3, -1.25, -2), which is clamped to black.
        Save("photos/other.png", Png(16, 16));
        Save("photos/exact.png", Pictures.Encode(Pictures.FromPixels(8, 8, (_, _) => (0, 0, 0)), SKEncodedImageFormat.Png));
        var result = (await Litevae.Run("reconstruct", _folder.At("photos"), "--out", _folder.At("out"), "--model", TinyModel(), "--json", "-")).Expect(0);
        var rows = result.Json.GetProperty("per_image").EnumerateArray().ToDictionary(row => row.GetProperty("key").GetString()!);
        Assert.Equal(JsonValueKind.Null, rows["exact.png"].GetProperty("psnr").ValueKind);
        Assert.Equal(rows["other.png"].GetProperty("psnr").GetDouble(), result.Json.GetProperty("psnr").GetDouble());
    }

    [Fact]
    public async Task Pictures_of_an_earlier_run_in_the_input_folder_are_not_inputs()
    {
        Save("photos/one.png", Png(16, 16));
        var arguments = new[] { "reconstruct", _folder.At("photos"), "--out", _folder.At("photos/out"), "--model", TinyModel(), "--json", "-" };
        (await Litevae.Run(arguments)).Expect(0);
        Assert.Equal(1, (await Litevae.Run(arguments)).Expect(0).Json.GetProperty("images").GetInt32());
    }

    [Fact]
    public async Task Ctrl_C_leaves_a_report_of_what_is_done()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends a Unix signal");
        Directory.CreateDirectory(_folder.At("photos"));
        const int images = 200;
        for (var i = 0; i < images; i++)
        {
            File.Copy(Photo("chelsea.jpg"), _folder.At($"photos/{i:D3}.jpg"));
        }

        var process = Litevae.Start(["reconstruct", _folder.At("photos"), "--out", _folder.At("out"), "--json", "-"]);
        for (var waited = 0; !File.Exists(_folder.At("out/000.jpg.png")); waited++)
        {
            Assert.True(waited < 6000 && !process.HasExited, "no picture in a minute");
            await Task.Delay(10);
        }

        await Litevae.Signal(process, "INT");
        var result = (await Litevae.Finish(process)).Expect(130);
        var done = result.Json.GetProperty("images").GetInt32();
        Assert.InRange(done, 1, images - 1);
        Assert.Equal(images - done, result.Json.GetProperty("not_reached").GetInt32());
        Assert.Equal(done, Directory.GetFiles(_folder.At("out"), "*.png").Length);
        Assert.Contains($"{images - done} images not reached", File.ReadAllText(_folder.At("out/report.html")), StringComparison.Ordinal);
        Assert.Contains("The same command", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("reconstruct", "photo.png")]
    [InlineData("reconstruct", "photo.png", "--out", "x", "--sise", "64")]
    [InlineData("reconstruct", "photo.png", "--out", "x", "--size", "64", "--native")]
    [InlineData("reconstruct", "photo.png", "--out", "x", "--size", "0")]
    [InlineData("reconstruct", "photo.png", "--out", "x", "--size", "many")]
    [InlineData("reconstruct", "photo.png", "--out", "x", "--size", "100")]
    [InlineData("reconstruct", "photo.png", "--out", "x", "--model", "no-such-model")]
    [InlineData("reconstruct", "photo.png", "--out", "x", "--device", "tpu")]
    [InlineData("reconstruct", "photo.png", "--out", "x", "--device", "cuda:0")]
    [InlineData("reconstruct", "--out", "x")]
    [InlineData("rekonstruct", "photo.png", "--out", "x")]
    public async Task Wrong_usage_is_told_in_a_sentence_and_writes_nothing(params string[] arguments)
    {
        var photo = Save("photo.png", Png(16, 16));
        var result = (await Litevae.Run([.. arguments.Select(argument => argument == "photo.png" ? photo : argument == "x" ? _folder.At("x") : argument)])).Expect(2);
        Assert.StartsWith("litevae: ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal); // no stack
        Assert.False(Directory.Exists(_folder.At("x")));
    }

    private string TinyModel() => TinyModels.Write(_folder.At("model"));

    private string Save(string relative, byte[] bytes)
    {
        var path = _folder.At(relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static byte[] Png(int width, int height) => Pictures.Encode(Pictures.Noise(width, height), SKEncodedImageFormat.Png);

    /// <summary>Input and output out of a comparison picture, whose third part is checked.</summary>
    private (RgbImage Input, RgbImage Output) Panels(JsonElement row, int width, int height)
    {
        Assert.Equal((width, height), (row.GetProperty("width").GetInt32(), row.GetProperty("height").GetInt32()));
        var picture = ImageDecoder.Decode(_folder.At($"out/{row.GetProperty("picture").GetString()}"));
        Assert.Equal((3 * width, height), (picture.Width, picture.Height));
        var (input, output, error) = (Part(0), Part(1), Part(2));
        Assert.Equal(input.Pixels.Zip(output.Pixels, (a, b) => (byte)Math.Min(255, ErrorGain * Math.Abs(a - b))), error.Pixels);
        return (input, output);

        RgbImage Part(int part) => Pictures.FromPixels(width, height, (x, y) => Pictures.At(picture, (part * width) + x, y));
    }

    private static double PlainPsnr(RgbImage a, RgbImage b) =>
        -10 * Math.Log10(a.Pixels.Zip(b.Pixels, (x, y) => Math.Pow((x - y) / 255.0, 2)).Average());

    /// <summary>SSIM as its definition reads, window by window.</summary>
    private static double PlainSsim(RgbImage a, RgbImage b)
    {
        var weights = Enumerable.Range(-5, 11).SelectMany(y => Enumerable.Range(-5, 11), (y, x) => (X: x + 5, Y: y + 5, W: Math.Exp(-((x * x) + (y * y)) / (2 * 1.5 * 1.5)))).ToArray();
        var total = weights.Sum(w => w.W);
        var values = new List<double>();
        for (var channel = 0; channel < 3; channel++)
        {
            for (var y = 0; y <= a.Height - 11; y++)
            {
                for (var x = 0; x <= a.Width - 11; x++)
                {
                    double Mean(Func<double, double, double> f) => weights.Sum(w =>
                    {
                        var i = ((((y + w.Y) * a.Width) + x + w.X) * 3) + channel;
                        return w.W * f(a.Pixels[i], b.Pixels[i]);
                    }) / total;
                    var (ma, mb) = (Mean((p, _) => p), Mean((_, q) => q));
                    var (va, vb, cov) = (Mean((p, _) => (p - ma) * (p - ma)), Mean((_, q) => (q - mb) * (q - mb)), Mean((p, q) => (p - ma) * (q - mb)));
                    values.Add(((2 * ma * mb) + 6.5025) * ((2 * cov) + 58.5225) / (((ma * ma) + (mb * mb) + 6.5025) * (va + vb + 58.5225)));
                }
            }
        }

        return values.Average();
    }
}
