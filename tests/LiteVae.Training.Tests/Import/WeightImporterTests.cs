using LiteVae.Tests;
using LiteVae.Training.Tests.Import.PyTorch;
using TorchSharp;

namespace LiteVae.Training.Tests.Import;

public sealed class WeightImporterTests : TorchTest
{
    private readonly TemporaryFolder _folder = new();

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    [Fact]
    public void Tensors_of_no_part_of_the_network_are_left_out_by_name()
    {
        var tensors = WeightFiles.Of(WeightFiles.TinyOpenLiteVae);
        using var model = Import([.. tensors, Zeros("loss.discriminator.weight", 3), Zeros("loss.discriminator.bias", 1)]);
        Assert.Equal(["loss.discriminator.bias", "loss.discriminator.weight"], model.LeftOut);
        Assert.Equal(tensors.Count, model.Tensors);
        Assert.Equal("open-litevae", model.Format);
    }

    [Fact]
    public void Missing_misshapen_and_unknown_tensors_are_all_named()
    {
        var tensors = WeightFiles.Of(WeightFiles.TinyOpenLiteVae);
        tensors.RemoveAll(tensor => tensor.Name is "encoder.aggregator.conv_out.bias" or "decoder.conv_out.weight");
        tensors.RemoveAll(tensor => tensor.Name == "decoder.mid.0.conv2.gain");
        var message = Refused([.. tensors, Zeros("decoder.mid.0.conv2.gain", 2), Zeros("encoder.extra.weight", 1)]);
        Assert.Contains("2 tensors are missing: 'encoder.aggregator.conv_out.bias', 'decoder.conv_out.weight'", message, StringComparison.Ordinal);
        Assert.Contains("1 tensors are of another shape: 'decoder.mid.0.conv2.gain' is [2] and should be [1]", message, StringComparison.Ordinal);
        Assert.Contains("1 tensors are unknown: 'encoder.extra.weight'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_from_which_the_architecture_is_told_is_named_when_it_is_missing()
    {
        var tensors = WeightFiles.Of(WeightFiles.TinyOpenLiteVae);
        tensors.RemoveAll(tensor => tensor.Name == "decoder.conv_in.weight");
        Assert.Contains("the tensor 'decoder.conv_in.weight' is missing", Refused(tensors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.NegativeInfinity, "-Infinity")]
    public void A_weight_that_is_not_finite_is_named_with_its_place(float value, string said)
    {
        var tensors = WeightFiles.Of(WeightFiles.TinyOpenLiteVae);
        var at = tensors.FindIndex(tensor => tensor.Name == "decoder.conv_out.bias");
        tensors[at] = SafetensorsTensor.FromFloats("decoder.conv_out.bias", [3], [0, 0, value]);
        Assert.Contains($"the tensor 'decoder.conv_out.bias' is {said} at place 2", Refused(tensors), StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_no_known_family_are_refused_with_some_of_their_names()
    {
        var message = Refused([Zeros("unet.weight", 1), Zeros("a.bias", 1)]);
        Assert.Contains("the 2 tensors are of no known family (open-litevae, AutoencoderKL, LiteVAE)", message, StringComparison.Ordinal);
        Assert.Contains("'a.bias', 'unet.weight'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_that_share_memory_do_not_make_a_network_larger_than_their_file()
    {
        // every tensor is a view of the same few thousand values
        var tensors = WeightFiles.Of(WeightFiles.TinyKL);
        var elements = tensors.Max(tensor => tensor.Data.Length) / sizeof(float);
        var pickle = PlainPickle.Whole(PlainPickle.Dictionary([.. tensors.Select(tensor => (tensor.Name, PlainPickle.Tensor(
            PlainPickle.Storage(elements: elements), shape: [.. tensor.Shape], stride: Strides(tensor.Shape))))]));
        var path = _folder.At("shared.pth");
        File.WriteAllBytes(path, PlainZip.File([new ZipItem("archive/data.pkl", pickle), new ZipItem("archive/data/0", new byte[elements * sizeof(float)])]));

        var message = Assert.Throws<InvalidDataException>(() => WeightImporter.Import(path)).Message;
        Assert.Contains("they share memory, which is refused", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_training_checkpoint_is_sent_to_the_command_that_exports_it()
    {
        var path = Write([Zeros("ema.encoder.extract.0.stem.weight", 1)], new() { ["format"] = "litevae-checkpoint-1" });
        Assert.Contains("litevae export", Assert.Throws<InvalidDataException>(() => WeightImporter.Import(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_architecture_out_of_every_range_is_refused_before_a_network_is_built()
    {
        var tensors = WeightFiles.Of(WeightFiles.TinyOpenLiteVae);
        var message = Refused([.. tensors, .. Enumerable.Range(1, 8).Select(i => Zeros($"decoder.mid.{i}.conv1.gain", 1))]);
        Assert.Contains("architecture.decoder.num_res_blocks is 8; allowed are 0 to 7", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_config_file_decides_and_what_does_not_fit_it_is_named()
    {
        var config = _folder.Write(
            "other.json",
            """
            {
              "embed_dim": 8,
              "encoder": { "extractor_channels": 8, "extractor_mult": [1, 2], "extractor_resblocks": 1, "aggregate_channels": 8, "aggregate_mult": [1], "aggregate_resblocks": 2 },
              "decoder": { "channels": 4, "channel_mult": [1, 2, 2, 3], "num_res_blocks": 0 }
            }
            """);
        var message = Assert.Throws<InvalidDataException>(() => WeightImporter.Import(Write(WeightFiles.Of(WeightFiles.TinyOpenLiteVae)), config)).Message;
        Assert.Contains("'decoder.conv_in.weight' is [12, 4, 3, 3] and should be [12, 8, 3, 3]", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "not a config")]
    [InlineData("[]", "not a config")]
    [InlineData("null", "not a config")]
    [InlineData("""{ "in_channels": 1, "embed_dim": 4 }""", "in_channels is 1")]
    [InlineData("""{ "embed_dim": "4" }""", "embed_dim")]
    [InlineData("""{ "embed_dim": 5000 }""", "architecture.embed_dim is 5000; allowed are 1 to 256")]
    [InlineData("""{ "encoder": { "aggregate_channels": 12 } }""", "architecture.encoder.aggregate_channels is 12; it must be a multiple of 8")]
    [InlineData("""{ "decoder": { "channel_mult": [1, 2] } }""", "architecture.decoder.channel_mult has 2 entries; it needs 4")]
    [InlineData("""{ "decoder": null }""", "decoder")]
    public void A_config_that_cannot_be_used_is_refused_with_its_name(string text, string fault)
    {
        var config = _folder.Write("broken.json", text);
        var message = Assert.Throws<InvalidDataException>(() => WeightImporter.Import(Write(WeightFiles.Of(WeightFiles.TinyOpenLiteVae)), config)).Message;
        Assert.StartsWith(config, message, StringComparison.Ordinal);
        Assert.Contains(fault, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_much_larger_than_a_config_is_none()
    {
        var config = _folder.Write("large.json", new string(' ', (1 << 20) + 1));
        Assert.Contains("the file has 1048577 bytes; at most 1048576 are read", Assert.Throws<InvalidDataException>(() => WeightImporter.Import(Write([]), config)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        Assert.Contains("nowhere.json", Assert.Throws<FileNotFoundException>(() => WeightImporter.Import(Write([]), _folder.At("nowhere.json"))).Message, StringComparison.Ordinal);
        Assert.Contains("nowhere.ckpt", Assert.Throws<FileNotFoundException>(() => WeightImporter.Import(_folder.At("nowhere.ckpt"))).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(_folder.At("empty"));
        Assert.Contains("diffusion_pytorch_model.safetensors", Assert.Throws<FileNotFoundException>(() => WeightImporter.Import(_folder.At("empty"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Our_own_weights_come_back_with_everything_that_their_config_says()
    {
        using var network = Export.TinyNetwork.Create(Export.TinyNetwork.Architecture(BlockNorm.SelfModulated, latentConvolutions: true));
        OnnxExporter.Export(network, Export.TinyNetwork.Config(network) with { ScalingFactor = 2, ShiftFactor = 0.25 }, _folder.At("model"));

        // from the folder, by its config; and from the file alone, by its metadata
        File.Copy(_folder.At("model/model.safetensors"), _folder.At("alone.safetensors"));
        foreach (var source in new[] { _folder.At("model"), _folder.At("alone.safetensors") })
        {
            using var model = WeightImporter.Import(source);
            Assert.Equal("LiteVAE", model.Format);
            OnnxExporter.Export(model.Network, model.Config, _folder.At("again"));
            foreach (var file in new[] { "vae_encoder/model.onnx", "vae_decoder/model.onnx", "model.safetensors", "config.json" })
            {
                Assert.Equal(File.ReadAllBytes(_folder.At($"model/{file}")), File.ReadAllBytes(_folder.At($"again/{file}")));
            }
        }
    }

    [Fact]
    public void Our_weights_without_any_config_ask_for_one()
    {
        using var network = Export.TinyNetwork.Create(Export.TinyNetwork.Architecture());
        var message = Refused(WeightFiles.Of(network.Architecture));
        Assert.Contains("name the config.json", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_imported_model_that_was_exported_is_imported_again()
    {
        using (var model = Import(WeightFiles.Of(WeightFiles.TinyOpenLiteVae)))
        {
            OnnxExporter.Export(model.Network, model.Config with { ScalingFactor = 3 }, _folder.At("model"));
        }

        using var again = WeightImporter.Import(_folder.At("model"));
        Assert.Equal(3, again.Config.ScalingFactor);
        Assert.IsType<OpenLiteVaeNetwork>(again.Network);
    }

    [Fact]
    public void An_import_leaves_no_tensors_behind_whether_it_succeeds_or_not()
    {
        var good = Write(WeightFiles.Of(WeightFiles.TinyKL));
        var tensors = WeightFiles.Of(WeightFiles.TinyKL);
        tensors[^1] = SafetensorsTensor.FromFloats(tensors[^1].Name, tensors[^1].Shape, Enumerable.Repeat(float.NaN, tensors[^1].Data.Length / 4).ToArray());
        var bad = Write(tensors, name: "bad");
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        WeightImporter.Import(good).Dispose();
        Assert.Throws<InvalidDataException>(() => WeightImporter.Import(bad));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static long[] Strides(IReadOnlyList<long> shape) => [.. shape.Select((_, axis) => shape.Skip(axis + 1).Aggregate(1L, (product, size) => product * size))];

    private static SafetensorsTensor Zeros(string name, int count) => SafetensorsTensor.FromFloats(name, [count], new float[count]);

    private ImportedModel Import(IReadOnlyList<SafetensorsTensor> tensors) => WeightImporter.Import(Write(tensors));

    private string Refused(IReadOnlyList<SafetensorsTensor> tensors)
    {
        var path = Write(tensors);
        var message = Assert.Throws<InvalidDataException>(() => WeightImporter.Import(path)).Message;
        return message;
    }

    private string Write(IReadOnlyList<SafetensorsTensor> tensors, Dictionary<string, string>? metadata = null, string name = "weights")
    {
        var path = _folder.At($"{name}.safetensors");
        SafetensorsWriter.Write(path, tensors, metadata);
        return path;
    }
}
