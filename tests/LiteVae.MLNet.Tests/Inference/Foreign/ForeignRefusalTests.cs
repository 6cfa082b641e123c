using Google.Protobuf;
using LiteVae.Formats.Onnx;
using OnnxAttribute = LiteVae.Formats.Onnx.Attribute;

namespace LiteVae.Tests.Inference.Foreign;

/// <summary>What cannot work is refused when the model is loaded, with the reason and the way out.</summary>
public sealed class ForeignRefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ForeignRefusalTests()
    {
        TinyModels.Write(_folder.Root);
        File.Delete(_folder.At("config.json"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Another_name_of_the_input_is_refused_with_those_found() =>
        AssertRefused(encoder => Rename(encoder, "sample", "pixel_values"), "input is 'pixel_values' f32 [N, 3, H, W]; it must be 'sample' f32 [N, 3, H, W]");

    [Fact]
    public void Another_name_of_the_output_is_refused_with_those_found() =>
        AssertRefused(encoder => Rename(encoder, "latent_parameters", "z"), "output is 'z' f32 [N, 4, H, W]; it must be 'latent_parameters' or 'latent_sample'");

    [Fact]
    public void A_second_input_is_refused_by_its_name() => AssertRefused(
        encoder => encoder.Graph.Input.Add(new ValueInfo { Name = "timestep", Type = encoder.Graph.Input[0].Type }), "besides 'sample' f32 [N, 3, H, W] the model wants 'timestep'", "the others fixed");

    [Fact]
    public void A_second_output_is_refused() => AssertRefused(
        encoder => encoder.Graph.Output.Add(new ValueInfo { Name = "pooled", Type = encoder.Graph.Output[0].Type }), "'latent_parameters' f32 [N, 4, H, W], 'pooled'", "alone");

    [Fact]
    public void An_input_of_another_rank_is_refused_with_its_shape() =>
        AssertRefused(encoder => Dimensions(encoder.Graph.Input[0]).Insert(1, new Shape.Types.Dim { DimValue = 1 }), "[N, 1, 3, H, W], of 5 dimensions", "of four");

    [Fact]
    public void An_output_of_another_rank_is_refused_with_its_shape() =>
        AssertRefused(encoder => Dimensions(encoder.Graph.Output[0]).RemoveAt(3), "output is 'latent_parameters' f32 [N, 4, H], of 3 dimensions");

    [Fact]
    public void An_image_of_other_channels_than_three_is_refused() =>
        AssertRefused(encoder => Dimensions(encoder.Graph.Input[0])[1].DimValue = 1, "input is 'sample' f32 [N, 1, H, W]; it must be 'sample' f32 [N, 3, H, W]");

    [Theory]
    [InlineData(0, "[1, 3, H, W]")]
    [InlineData(2, "[N, 3, 64, W]")]
    [InlineData(3, "[N, 3, H, 64]")]
    public void A_fixed_size_is_refused_with_the_axes_to_free(int axis, string shape) =>
        AssertRefused(encoder => Dimensions(encoder.Graph.Input[0])[axis].DimValue = axis == 0 ? 1 : 64, shape, "is of a fixed size", "dynamic axes");

    [Theory]
    [InlineData(11, "f64")]
    [InlineData(16, "bf16")]
    [InlineData(2, "of element type 2")]
    public void Other_numbers_than_32_and_16_bit_floats_are_refused(int type, string name) =>
        AssertRefused(encoder => encoder.Graph.Input[0].Type.TensorType.ElemType = type, $"'sample' {name} [N, 3, H, W]", "f32 or f16");

    [Theory]
    [InlineData("Loop")]
    [InlineData("Scan")]
    public void Loops_are_refused(string type) => AssertRefused(
        encoder => encoder.Graph.Node.Add(new Node { OpType = type, Attribute = { new OnnxAttribute { Name = "body", G = new Graph() } } }), $"the operator {type} runs a graph", "loops unrolled");

    [Fact]
    public void A_loop_in_a_branch_is_refused() => AssertRefused(
        encoder => encoder.Graph.Node.Add(Branch(new Node { OpType = "Loop", Attribute = { new OnnxAttribute { Name = "body", G = new Graph() } } })), "the operator Loop runs a graph");

    [Fact]
    public void Operators_of_other_libraries_are_refused() =>
        AssertRefused(encoder => encoder.Graph.Node[0].Domain = "org.example", "operator AveragePool is of the domain 'org.example'", "operators of ONNX alone");

    [Fact]
    public void A_model_compiled_for_one_device_is_refused() =>
        AssertRefused(encoder => (encoder.Graph.Node[0].Domain, encoder.Graph.Node[0].OpType) = ("com.microsoft", "EPContext"), "EPContext");

    [Theory]
    [InlineData("RandomNormal")]
    [InlineData("RandomUniform")]
    [InlineData("RandomUniformLike")]
    [InlineData("Multinomial")]
    [InlineData("Bernoulli")]
    public void Random_numbers_that_are_no_noise_of_a_posterior_are_refused(string type) =>
        AssertRefused(encoder => encoder.Graph.Node.Add(new Node { OpType = type, Output = { "random" } }), $"draws random numbers ({type})", "gives the moments or the mean");

    [Fact]
    public void Noise_in_a_branch_or_with_a_mean_is_refused()
    {
        var noise = new Node { OpType = "RandomNormalLike", Input = { "pooled" }, Output = { "noise" } };
        AssertRefused(encoder => encoder.Graph.Node.Add(Branch(noise)), "inside a branch");
        AssertRefused(
            encoder => encoder.Graph.Node.Add(new Node(noise) { Attribute = { new OnnxAttribute { Name = "mean", F = 1 } } }), "one input, one output and mean 0");
    }

    [Fact]
    public void A_decoder_that_draws_noise_is_refused()
    {
        var decoder = TinyModels.Decoder();
        decoder.Graph.Node.Add(new Node { OpType = "RandomNormalLike", Input = { "small" }, Output = { "noise" } });
        AssertRefusedDecoder(decoder, "the decoder draws random numbers");
    }

    [Fact]
    public void Halves_of_two_models_are_refused_with_their_channels()
    {
        var decoder = TinyModels.Decoder();
        Dimensions(decoder.Graph.Input[0])[1].DimValue = 3;
        AssertRefusedDecoder(decoder, "the encoder gives 4 channels and the decoder takes 3; the encoder of this decoder gives 3 (latents) or 6 (moments)");
    }

    [Fact]
    public void Halves_of_two_factors_are_refused_with_the_sizes()
    {
        var decoder = TinyModels.Decoder();
        var scales = decoder.Graph.Initializer.Single(tensor => tensor.Name == "scales");
        (scales.FloatData[2], scales.FloatData[3]) = (4, 4);
        AssertRefusedDecoder(decoder, "makes 3 channels of 32 x 16 of latents of 8 x 4; the encoder shrinks by 8, so that it must make 3 of 64 x 32");
    }

    [Fact]
    public void Moments_of_an_odd_number_of_channels_are_refused()
    {
        // the declared channels are free; the weights have three outputs
        File.Delete(TinyModels.DecoderPath(_folder.Root));
        AssertRefused(
            encoder =>
            {
                Dimensions(encoder.Graph.Output[0])[1].DimParam = "C";
                encoder.Graph.Initializer.Clear();
                encoder.Graph.Initializer.Add(new Tensor { Name = "weight", DataType = 1, Dims = { 3, 3, 1, 1 }, FloatData = { new float[9] } });
                encoder.Graph.Initializer.Add(new Tensor { Name = "bias", DataType = 1, Dims = { 3 }, FloatData = { new float[3] } });
            },
            "'latent_parameters' has 3 channels",
            "an even number");
    }

    [Fact]
    public void An_encoder_that_shrinks_the_sides_differently_is_refused()
    {
        File.Delete(TinyModels.DecoderPath(_folder.Root));
        AssertRefused(
            encoder =>
            {
                foreach (var attribute in encoder.Graph.Node[0].Attribute)
                {
                    attribute.Ints[1] = 4;
                }
            },
            "makes 32 x 8 latents of an image of 128 x 64",
            "the same whole number");
    }

    [Fact]
    public void A_graph_that_does_not_run_is_refused_with_the_reason_of_ONNX_Runtime() => AssertRefused(
        encoder => encoder.Graph.Initializer.Single(tensor => tensor.Name == "weight").Dims[1] = 1, "vae_encoder");

    [Fact]
    public void A_missing_encoder_is_named()
    {
        File.Delete(TinyModels.EncoderPath(_folder.Root));
        Assert.Contains("vae_encoder", Assert.Throws<FileNotFoundException>(() => LiteVaeModel.Load(_folder.Root)).Message);
    }

    private static Node Branch(Node inner) =>
        new() { OpType = "If", Attribute = { new OnnxAttribute { Name = "then_branch", G = new Graph { Node = { inner } } } } };

    private static Google.Protobuf.Collections.RepeatedField<Shape.Types.Dim> Dimensions(ValueInfo value) => value.Type.TensorType.Shape.Dim;

    private static void Rename(Model model, string from, string to)
    {
        foreach (var value in model.Graph.Input.Concat(model.Graph.Output).Where(value => value.Name == from))
        {
            value.Name = to;
        }

        foreach (var names in model.Graph.Node.SelectMany(node => new[] { node.Input, node.Output }))
        {
            for (var i = 0; i < names.Count; i++)
            {
                names[i] = names[i] == from ? to : names[i];
            }
        }
    }

    private void AssertRefused(Action<Model> change, params string[] parts)
    {
        var encoder = TinyModels.Encoder();
        change(encoder);
        AssertRefused(TinyModels.EncoderPath(_folder.Root), encoder, parts);
    }

    private void AssertRefusedDecoder(Model decoder, params string[] parts) => AssertRefused(TinyModels.DecoderPath(_folder.Root), decoder, parts);

    private void AssertRefused(string path, Model model, string[] parts)
    {
        File.WriteAllBytes(path, model.ToByteArray());
        var error = Assert.Throws<InvalidDataException>(() => LiteVaeModel.Load(_folder.Root));
        TestContext.Current.TestOutputHelper?.WriteLine(error.Message);
        Assert.All(parts, part => Assert.Contains(part, error.Message));
        Assert.Contains(_folder.Root, error.Message);
    }
}
