using System.IO.Compression;
using System.Text;
using Microsoft.ML;

namespace LiteVae.Tests.Transforms;

/// <summary>Saved pipelines that are cut, foreign, of a newer version, or broken on purpose.</summary>
public sealed class BrokenPipelineTests : IDisposable
{
    private readonly Pipeline _pipeline = new();
    private readonly byte[] _valid;

    public BrokenPipelineTests()
    {
        using var encoder = _pipeline.Encoder();
        using var stream = new MemoryStream();
        _pipeline.Context.Model.Save(encoder, _pipeline.Rows(1).Schema, stream);
        _valid = stream.ToArray();
    }

    public void Dispose() => _pipeline.Dispose();

    [Theory]
    [InlineData("Options.json", "Options.json is missing or empty")]
    [InlineData("Config.json", "Config.json is missing or empty")]
    [InlineData("Encoder.onnx", "Encoder.onnx is missing or empty")]
    public void A_missing_part_is_named(string part, string fault)
    {
        Assert.Contains($"LiteVaeEncode in the saved pipeline cannot be read: {fault}", LoadError(Change(part, _ => null)));
        Assert.Contains(fault, LoadError(Change(part, _ => [])));
    }

    [Theory]
    [InlineData("null", "Options.json is 'null'")]
    [InlineData("{ \"BatchSize\": 0, \"Device\": \"tpu\" }", "BatchSize is 0; allowed are 1 to 4096")]
    [InlineData("{ \"Batch\": 8 }", "'Batch' could not be mapped")]
    [InlineData("{ \"Width\": 20, \"Height\": 16 }", "the model 'tiny' needs multiples of 8")]
    [InlineData("{ \"TileSize\": 20 }", "LiteVaeEncode in the saved pipeline cannot be read: TileSize is 20")]
    [InlineData("{", "Options.json: ")]
    public void Wrong_options_are_named(string options, string fault) =>
        Assert.Contains(fault, LoadError(Change("Options.json", _ => Encoding.UTF8.GetBytes(options))));

    [Fact]
    public void A_decoder_that_is_missing_is_named_too()
    {
        var latents = _pipeline.Encoder().Transform(_pipeline.Rows(1));
        using var decoder = _pipeline.Context.Transforms.LiteVaeDecode("Picture", "Latent", new LiteVaeDecodeOptions { Model = _pipeline.ModelFolder }).Fit(latents);
        using var stream = new MemoryStream();
        _pipeline.Context.Model.Save(decoder, latents.Schema, stream);
        Assert.Contains("LiteVaeDecode in the saved pipeline cannot be read: Decoder.onnx is missing or empty", LoadError(Change("Decoder.onnx", _ => null, stream.ToArray())));
    }

    [Fact]
    public void A_config_out_of_range_is_named() =>
        Assert.Contains("latent_channels is 1000", LoadError(Change("Config.json", bytes => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace("2", "1000")))));

    [Fact]
    public void A_newer_format_asks_for_an_update_of_the_package()
    {
        var error = LoadError(Change("Model.key", bytes => Increment(bytes, NewestReader)));
        Assert.Equal("LiteVaeEncode in the saved pipeline was saved by a newer LiteVae.MLNet: its format is 2.1, this version reads up to 1.1. Update the package LiteVae.MLNet.", error);
    }

    [Fact]
    public void A_foreign_mark_is_refused() =>
        Assert.Contains("its header does not have the mark 'LITEVENC'", LoadError(Change("Model.key", bytes => Increment(bytes, Mark))));

    [Fact]
    public void The_reason_is_in_the_log()
    {
        var context = new MLContext();
        var log = new List<string>();
        context.Log += (_, e) => log.Add($"{e.Kind}: {e.Message}");
        Assert.ThrowsAny<Exception>(() => context.Model.Load(new MemoryStream(Change("Config.json", _ => null)), out _));
        Assert.Contains(log, line => line.StartsWith("Error: ") && line.Contains("Config.json is missing or empty"));
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        for (var length = 0; length < _valid.Length; length += 1 + (length % 37))
        {
            var cut = _valid[..length];
            Assert.Throws<FormatException>(() => new MLContext().Model.Load(new MemoryStream(cut), out _));
        }
    }

    [Fact]
    public void A_cut_model_inside_is_refused_when_it_is_run()
    {
        var loaded = new MLContext().Model.Load(new MemoryStream(Change("Encoder.onnx", bytes => bytes[..(bytes.Length / 2)])), out _);
        var error = Assert.Throws<InvalidDataException>(() => Pipeline.Latents(loaded.Transform(_pipeline.Rows(1))));
        Assert.Contains("LiteVaeEncode in the saved pipeline (encoder): not an ONNX model, or a truncated one", error.Message);
    }

    // Offsets in ML.NET's header of a component.
    private const int Mark = 64;
    private const int NewestReader = 78;

    private static byte[] Increment(byte[] bytes, int at)
    {
        bytes[at]++;
        return bytes;
    }

    /// <summary>What our loader says; ML.NET, which calls it by reflection, wraps it.</summary>
    private static string LoadError(byte[] file)
    {
        var error = Assert.ThrowsAny<Exception>(() => new MLContext().Model.Load(new MemoryStream(file), out _));
        while (error is not InvalidDataException)
        {
            error = error.InnerException ?? throw error;
        }

        return error.Message;
    }

    private byte[] Change(string name, Func<byte[], byte[]?> change, byte[]? file = null)
    {
        using var source = new ZipArchive(new MemoryStream(file ?? _valid));
        using var target = new MemoryStream();
        using (var zip = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var entry in source.Entries)
            {
                using var from = entry.Open();
                using var buffer = new MemoryStream();
                from.CopyTo(buffer);
                var bytes = entry.FullName.EndsWith(name, StringComparison.Ordinal) ? change(buffer.ToArray()) : buffer.ToArray();
                if (bytes is not null)
                {
                    using var to = zip.CreateEntry(entry.FullName).Open();
                    to.Write(bytes);
                }
            }
        }

        return target.ToArray();
    }
}
