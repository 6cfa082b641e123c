using Proto = LiteVae.Formats.Onnx;

namespace LiteVae.Training.Tests.Export;

public class OnnxStructureTests
{
    // Constants that are no weights: shapes, axes, the Haar filters, and the neutral scale and bias of InstanceNormalization.
    private static readonly string[] Constants = ["shape.", "ones.", "zeros.", "scales.", "attention.scale.", "haar.", "low."];

    [Theory]
    [MemberData(nameof(ParityTests.Forms), MemberType = typeof(ParityTests))]
    public void Every_input_is_made_before_it_is_read_and_nothing_is_left_over(BlockNorm encoder, BlockNorm decoder, bool attention, DecoderOutput output)
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture(encoder, decoder, attention, output, latentConvolutions: true));
        foreach (var model in Export(network))
        {
            var initializers = model.Graph.Initializer.Select(tensor => tensor.Name).ToList();
            var made = new HashSet<string>(initializers.Concat(model.Graph.Input.Select(input => input.Name)));
            var read = new HashSet<string>(model.Graph.Output.Select(value => value.Name));
            foreach (var node in model.Graph.Node)
            {
                Assert.All(node.Input.Where(name => name.Length > 0), name => Assert.Contains(name, made));
                Assert.All(node.Output, name => Assert.True(made.Add(name), $"{name} is made twice"));
                read.UnionWith(node.Input);
            }

            Assert.Empty(made.Except(read));
            Assert.Equal(initializers.Count, initializers.Distinct().Count());
            Assert.Equal(model.Graph.Node.Count, model.Graph.Node.Select(node => node.Name).Distinct().Count());
            Assert.Contains(model.Graph.Output.Single().Name, made);
        }
    }

    [Fact]
    public void Weights_keep_the_names_they_have_in_the_network()
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture(latentConvolutions: true));
        var names = Export(network).SelectMany(model => model.Graph.Initializer).Select(tensor => tensor.Name)
            .Where(name => !Constants.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));
        Assert.Equal(network.named_parameters().Select(parameter => parameter.name).Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Self_modulated_convolutions_become_plain_ones()
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture(BlockNorm.SelfModulated, BlockNorm.SelfModulated, attention: false));
        var models = Export(network);

        // Encoder: 3 wavelet levels, and 4 UNets of stem, head, 10 blocks of 2 convolutions and skips where the width changes (1 down, 4 up).
        Assert.Equal(3 + (4 * (2 + 20 + 5)), models[0].Graph.Node.Count(node => node.OpType == "Conv"));

        // Decoder: stem, head, 3 + 4 blocks of 2, one skip (24 to 12 channels), 3 upsampling convolutions.
        Assert.Equal(2 + 14 + 1 + 3, models[1].Graph.Node.Count(node => node.OpType == "Conv"));

        string[] normFree = ["Conv", "Sigmoid", "Mul", "Add", "Concat", "Slice", "AveragePool", "Resize"];
        foreach (var model in models)
        {
            Assert.Empty(model.Graph.Node.Select(node => node.OpType).Except(normFree));
            Assert.Equal(model.Graph.Node.Count(node => node.OpType == "Sigmoid"), model.Graph.Node.Count(node => node.OpType == "Mul"));
            Assert.DoesNotContain(model.Graph.Initializer, tensor => tensor.Name.EndsWith(".gain", StringComparison.Ordinal) || tensor.Name.EndsWith(".scale", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_shared_extractor_is_stored_once_and_used_at_every_level()
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture(sharedExtractors: true));
        var graph = Export(network)[0].Graph;
        Assert.Single(graph.Initializer, tensor => tensor.Name == "encoder.extract.0.stem.weight");
        Assert.DoesNotContain(graph.Initializer, tensor => tensor.Name.StartsWith("encoder.extract.1.", StringComparison.Ordinal));
        Assert.Equal(3, graph.Node.Count(node => node.Input.Contains("encoder.extract.0.stem.weight")));
    }

    [Fact]
    public void Inputs_and_outputs_have_the_conventional_names_and_dynamic_sizes()
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture(output: DecoderOutput.Wavelet));
        var models = Export(network);
        Assert.Equal("sample [N, 3, H, W]", Describe(models[0].Graph.Input.Single()));
        Assert.Equal("latent_parameters [N, 8, H/8, W/8]", Describe(models[0].Graph.Output.Single()));
        Assert.Equal("latent_sample [N, 4, h, w]", Describe(models[1].Graph.Input.Single()));
        Assert.Equal("sample [N, 3, 8h, 8w]", Describe(models[1].Graph.Output.Single()));
    }

    [Fact]
    public void The_config_comes_back_from_the_metadata_of_each_file()
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture(decoder: BlockNorm.SelfModulated, output: DecoderOutput.Wavelet));
        var config = TinyNetwork.Config(network) with { ScalingFactor = 0.25, LatentsMean = [1, 2, 3, 4] };
        var (encoder, decoder) = OnnxExporter.ToOnnx(network, config);
        foreach (var file in new[] { encoder, decoder })
        {
            using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(file);
            var text = session.ModelMetadata.CustomMetadataMap[LiteVaeConfig.MetadataKey];
            Assert.Equal(config.ToJson(), LiteVaeConfig.Parse(text, "metadata").ToJson());
            Assert.Equal("LiteVae.Training", session.ModelMetadata.ProducerName);
        }
    }

    private static Proto.Model[] Export(LiteVaeNetwork network)
    {
        var (encoder, decoder) = OnnxExporter.ToOnnx(network, TinyNetwork.Config(network));
        return [Proto.Model.Parser.ParseFrom(encoder), Proto.Model.Parser.ParseFrom(decoder)];
    }

    private static string Describe(Proto.ValueInfo value)
        => $"{value.Name} [{string.Join(", ", value.Type.TensorType.Shape.Dim.Select(dim => dim.HasDimParam ? dim.DimParam : dim.DimValue.ToString()))}]";
}
