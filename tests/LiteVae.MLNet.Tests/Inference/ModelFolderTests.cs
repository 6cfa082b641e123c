using System.Runtime.Loader;
using Google.Protobuf;
using LiteVae.Formats.Onnx;
using OnnxAttribute = LiteVae.Formats.Onnx.Attribute;

namespace LiteVae.Tests.Inference;

public sealed class ModelFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ModelFolderTests() => TinyModels.Write(_folder.At("model"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_missing_model_is_named_and_so_is_what_there_is()
    {
        Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "models", "shipped-for-this-test"));
        try
        {
            var error = Assert.Throws<DirectoryNotFoundException>(() => ModelFolder.Open("no-such-model"));
            Assert.Contains("'no-such-model'", error.Message);
            Assert.Contains("shipped-for-this-test", error.Message);
        }
        finally
        {
            Directory.Delete(Path.Combine(AppContext.BaseDirectory, "models", "shipped-for-this-test"));
        }
    }

    [Fact]
    public void A_shipped_model_is_found_by_its_name()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "models", "tiny-for-this-test");
        TinyModels.Write(path);
        try
        {
            Assert.Equal(path, ModelFolder.Open("tiny-for-this-test").Path);
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    [Fact]
    public void A_library_that_runs_out_of_nugets_cache_finds_the_models_of_its_package()
    {
        Directory.CreateDirectory(_folder.At("package/lib/net10.0"));
        File.Copy(typeof(LiteVaeModel).Assembly.Location, _folder.At("package/lib/net10.0/LiteVae.MLNet.dll"));
        TinyModels.Write(_folder.At("package/models/of-the-package"));
        var notebook = new AssemblyLoadContext("a notebook's kernel", isCollectible: true); // everything else is found in the tests
        try
        {
            var type = notebook.LoadFromAssemblyPath(_folder.At("package/lib/net10.0/LiteVae.MLNet.dll")).GetType(typeof(LiteVaeModel).FullName!)!;
            using var model = (IDisposable)type.GetMethod(nameof(LiteVaeModel.Load))!.Invoke(null, ["of-the-package", null])!;
            Assert.Equal(_folder.At("package/models/of-the-package"), type.GetProperty(nameof(LiteVaeModel.Folder))!.GetValue(model));
        }
        finally
        {
            notebook.Unload();
        }
    }

    [Fact]
    public void The_default_model_is_never_taken_from_the_current_directory()
    {
        var here = Path.GetFullPath(ModelFolder.DefaultModel);
        Assert.SkipWhen(Directory.Exists(here), $"{here} exists");
        TinyModels.Write(here);
        try
        {
            var opened = ShippedOrNull();
            Assert.True(opened is null || opened.Path.StartsWith(AppContext.BaseDirectory, StringComparison.Ordinal), opened?.Path);
        }
        finally
        {
            Directory.Delete(here, recursive: true);
        }

        // The library is also built and tested without the shipped model.
        static ModelFolder? ShippedOrNull()
        {
            try
            {
                return ModelFolder.Open();
            }
            catch (DirectoryNotFoundException)
            {
                return null;
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("../models/tiny")]
    public void A_name_that_is_a_path_is_not_looked_up_among_the_shipped_models(string name) =>
        Assert.Throws<DirectoryNotFoundException>(() => ModelFolder.Open(name));

    [Fact]
    public void The_metadata_of_a_lone_encoder_stands_in_for_a_missing_config()
    {
        var encoder = TinyModels.Encoder();
        encoder.MetadataProps.Add(new StringEntry { Key = "litevae.config", Value = (TinyModels.Config with { Name = "from metadata" }).ToJson() });
        File.WriteAllBytes(TinyModels.EncoderPath(_folder.At("model")), encoder.ToByteArray());
        File.Delete(Path.Combine(_folder.At("model"), "config.json"));

        Assert.Equal("from metadata", ModelFolder.Open(_folder.At("model")).Config.Name);
    }

    [Fact]
    public void A_file_of_another_export_than_the_config_is_refused()
    {
        static LiteVaeConfig Config(int width) => TinyModels.Config with
        {
            Architecture = new LiteVaeArchitecture { LatentChannels = TinyModels.Channels, Encoder = new LiteVaeEncoderShape { Extractor = new UNetShape(width, [1, 2]) } },
        };
        var encoder = TinyModels.Encoder();
        encoder.MetadataProps.Add(new StringEntry { Key = "litevae.config", Value = (Config(32) with { Name = "renamed", ScalingFactor = 2 }).ToJson() });
        File.WriteAllBytes(TinyModels.EncoderPath(_folder.At("model")), encoder.ToByteArray());

        File.WriteAllText(Path.Combine(_folder.At("model"), "config.json"), Config(16).ToJson());
        var error = Assert.Throws<InvalidDataException>(() => ModelFolder.Open(_folder.At("model")).ReadEncoder());
        Assert.Contains("two exports", error.Message);

        // The name, and what is measured after the export, here the scaling factor, may differ.
        File.WriteAllText(Path.Combine(_folder.At("model"), "config.json"), Config(32).ToJson());
        Assert.NotEmpty(ModelFolder.Open(_folder.At("model")).ReadEncoder().Bytes);
    }

    [Fact]
    public void Without_config_and_metadata_the_graphs_say_what_the_model_is()
    {
        File.Delete(Path.Combine(_folder.At("model"), "config.json"));
        Assert.Equal(new LiteVaeConfig { Name = "model", LatentChannels = TinyModels.Channels }, ModelFolder.Open(_folder.At("model")).Config);
    }

    [Fact]
    public void A_folder_without_any_of_the_files_is_an_error_that_names_them()
    {
        Directory.CreateDirectory(_folder.At("empty"));
        var error = Assert.Throws<FileNotFoundException>(() => ModelFolder.Open(_folder.At("empty")));
        Assert.Contains("neither config.json nor vae_encoder/model.onnx nor vae_decoder/model.onnx", error.Message);
    }

    [Fact]
    public void A_config_of_many_megabytes_is_refused_unread()
    {
        File.WriteAllBytes(Path.Combine(_folder.At("model"), "config.json"), new byte[(1 << 20) + 1]);
        Assert.Contains("1048577 bytes", Assert.Throws<InvalidDataException>(() => ModelFolder.Open(_folder.At("model"))).Message);
    }

    [Fact]
    public void A_folder_without_a_model_says_what_it_lacks()
    {
        Directory.CreateDirectory(_folder.At("empty"));
        var error = Assert.Throws<FileNotFoundException>(() => ModelFolder.Open(_folder.At("empty")));
        Assert.Contains("vae_encoder/model.onnx", error.Message);
    }

    [Fact]
    public void A_missing_decoder_is_named()
    {
        var path = TinyModels.DecoderPath(_folder.At("model"));
        File.Delete(path);
        Assert.Contains(path, Assert.Throws<FileNotFoundException>(() => ModelFolder.Open(_folder.At("model")).ReadDecoder()).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    public void A_truncated_file_is_refused_with_its_name_and_length(int length)
    {
        var path = TinyModels.EncoderPath(_folder.At("model"));
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..length]);
        var error = Assert.Throws<InvalidDataException>(() => ModelFolder.Open(_folder.At("model")).ReadEncoder());
        Assert.Contains(path, error.Message);
        Assert.Contains($"{length} bytes", error.Message);
    }

    [Fact]
    public void A_graph_that_onnx_runtime_refuses_is_an_error_that_names_the_model()
    {
        var encoder = TinyModels.Encoder();
        encoder.Graph.Node[0].OpType = "NoSuchOperator";
        File.WriteAllBytes(TinyModels.EncoderPath(_folder.At("model")), encoder.ToByteArray());
        using var model = LiteVaeModel.Load(_folder.At("model"));
        var error = Assert.Throws<InvalidDataException>(() => model.Encode(new PixelTensor(1, 8, 8)));
        Assert.Contains(_folder.At("model"), error.Message);
        Assert.Contains("NoSuchOperator", error.Message);
    }

    [Fact]
    public void Another_number_of_latent_channels_than_the_config_says_is_refused_with_both()
    {
        File.WriteAllText(Path.Combine(_folder.At("model"), "config.json"), (TinyModels.Config with { LatentChannels = 12 }).ToJson());
        var folder = ModelFolder.Open(_folder.At("model"));
        var error = Assert.Throws<InvalidDataException>(() => folder.ReadEncoder());
        Assert.Contains("'latent_parameters' f32 [N, 4, H, W]", error.Message);
        Assert.Contains("[N, 24, H, W]", error.Message);
        Assert.Contains("'latent_sample' f32 [N, 2, H, W]", Assert.Throws<InvalidDataException>(() => folder.ReadDecoder()).Message);
    }

    [Fact]
    public void Other_names_than_the_convention_are_refused_with_both()
    {
        File.Copy(TinyModels.DecoderPath(_folder.At("model")), TinyModels.EncoderPath(_folder.At("model")), overwrite: true);
        var error = Assert.Throws<InvalidDataException>(() => ModelFolder.Open(_folder.At("model")).ReadEncoder());
        Assert.Contains("'latent_sample'", error.Message);
        Assert.Contains("'sample' f32 [N, 3, H, W]", error.Message);
    }

    public static TheoryData<string> PlacesOfTensors => ["initializer", "attribute", "subgraph"];

    [Theory]
    [MemberData(nameof(PlacesOfTensors))]
    public void External_data_is_refused_wherever_it_hides(string place)
    {
        var outside = new Tensor { Name = "outside", DataType = 1, DataLocation = Tensor.Types.Location.External, ExternalData = { new StringEntry { Key = "location", Value = "../../etc/passwd" } } };
        var constant = new Node { OpType = "Constant", Output = { "c" }, Attribute = { new OnnxAttribute { Name = "value", T = outside } } };
        var encoder = TinyModels.Encoder();
        switch (place)
        {
            case "initializer": encoder.Graph.Initializer.Add(outside); break;
            case "attribute": encoder.Graph.Node.Add(constant); break;
            default: encoder.Graph.Node.Add(new Node { OpType = "If", Attribute = { new OnnxAttribute { Name = "then_branch", G = new Graph { Node = { constant } } } } }); break;
        }

        File.WriteAllBytes(TinyModels.EncoderPath(_folder.At("model")), encoder.ToByteArray());
        var error = Assert.Throws<InvalidDataException>(() => ModelFolder.Open(_folder.At("model")).ReadEncoder());
        Assert.Contains("'outside'", error.Message);
        Assert.Contains("external data", error.Message);
    }

    [Fact]
    public void Local_functions_are_refused_whatever_they_hold()
    {
        // Fields 1 and 4 of a FunctionProto: its name and an input.
        var encoder = TinyModels.Encoder();
        encoder.Functions.Add(ByteString.CopyFrom(0x0A, 1, (byte)'f', 0x22, 1, (byte)'x'));
        File.WriteAllBytes(TinyModels.EncoderPath(_folder.At("model")), encoder.ToByteArray());
        var error = Assert.Throws<InvalidDataException>(() => ModelFolder.Open(_folder.At("model")).ReadEncoder());
        Assert.Contains(TinyModels.EncoderPath(_folder.At("model")), error.Message);
        Assert.Contains("1 local functions", error.Message);
    }

    [Fact]
    public void A_link_out_of_the_folder_is_refused_and_a_link_inside_it_is_followed()
    {
        var encoder = TinyModels.EncoderPath(_folder.At("model"));
        File.Move(encoder, _folder.At("elsewhere.onnx"));
        File.CreateSymbolicLink(encoder, _folder.At("elsewhere.onnx"));
        var error = Assert.Throws<InvalidDataException>(() => ModelFolder.Open(_folder.At("model")).ReadEncoder());
        Assert.Contains("elsewhere.onnx", error.Message);

        File.Delete(encoder);
        File.Move(_folder.At("elsewhere.onnx"), Path.Combine(_folder.At("model"), "real.onnx"));
        File.CreateSymbolicLink(encoder, "../real.onnx");
        Assert.NotEmpty(ModelFolder.Open(_folder.At("model")).ReadEncoder().Bytes);
    }

    [Fact]
    public void A_folder_link_out_of_the_folder_is_refused()
    {
        Directory.Move(Path.Combine(_folder.At("model"), "vae_encoder"), _folder.At("elsewhere"));
        Directory.CreateSymbolicLink(Path.Combine(_folder.At("model"), "vae_encoder"), _folder.At("elsewhere"));
        Assert.Throws<InvalidDataException>(() => ModelFolder.Open(_folder.At("model")).ReadEncoder());
    }

    [Fact]
    public void A_model_folder_may_itself_be_a_link()
    {
        Directory.CreateSymbolicLink(_folder.At("alias"), _folder.At("model"));
        Assert.NotEmpty(ModelFolder.Open(_folder.At("alias")).ReadEncoder().Bytes);
    }
}
