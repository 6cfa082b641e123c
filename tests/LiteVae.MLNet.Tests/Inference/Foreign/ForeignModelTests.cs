using Google.Protobuf;
using LiteVae.Formats.Onnx;

namespace LiteVae.Tests.Inference.Foreign;

public sealed class ForeignModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ForeignFolders.Moments, 4, 8, EncoderOutput.Moments, 0.18215, 0)] // what AutoencoderKL takes where its config names no factor
    [InlineData(ForeignFolders.Half, 4, 8, EncoderOutput.Moments, 0.3611, 0.1159)]
    [InlineData(ForeignFolders.Sampling, 4, 8, EncoderOutput.Latent, 1, 0)]
    [InlineData(ForeignFolders.Plain, 3, 4, EncoderOutput.Latent, 1, 0)]
    public void The_graphs_and_the_config_of_Diffusers_say_what_the_model_is(string name, int channels, int factor, EncoderOutput output, double scaling, double shift)
    {
        using var model = LiteVaeModel.Load(ForeignFolders.PathOf(name));
        var config = model.Config;
        Assert.Equal((name, channels, factor, output), (config.Name, config.LatentChannels, config.DownsamplingFactor, config.EncoderOutput));
        Assert.Equal((scaling, shift), (config.ScalingFactor, config.ShiftFactor));
        Assert.Null(config.Architecture);
    }

    [Theory]
    [InlineData(ForeignFolders.Moments)]
    [InlineData(ForeignFolders.Half)]
    public void An_encoder_of_moments_gives_what_PyTorch_computes(string name)
    {
        using var model = LiteVaeModel.Load(ForeignFolders.PathOf(name));
        AssertClose(ForeignFolders.Expected("moments"), model.Encode(ForeignFolders.Images()).Moments, ForeignFolders.Tolerance(name));
    }

    [Fact]
    public void An_encoder_that_samples_gives_the_mean_that_PyTorch_computes_every_time()
    {
        using var model = LiteVaeModel.Load(ForeignFolders.PathOf(ForeignFolders.Sampling));
        var first = model.Encode(ForeignFolders.Images());
        AssertClose(Means("moments"), first.Means(), ForeignFolders.Tolerance(ForeignFolders.Sampling));
        Assert.Equal(first.Moments, model.Encode(ForeignFolders.Images()).Moments);
    }

    [Fact]
    public void An_encoder_of_plain_latents_with_factor_4_gives_what_PyTorch_computes_as_a_posterior_without_variance()
    {
        using var model = LiteVaeModel.Load(ForeignFolders.PathOf(ForeignFolders.Plain));
        var posterior = model.Encode(ForeignFolders.Images());
        Assert.Equal((2, 3, 6, 10), (posterior.Count, posterior.Channels, posterior.Height, posterior.Width));
        AssertClose(ForeignFolders.Expected("plain.latent"), posterior.Means(), ForeignFolders.Tolerance(ForeignFolders.Plain));
        Assert.All(posterior.LogVar(1), value => Assert.Equal(-30, value));
    }

    [Theory]
    [InlineData(ForeignFolders.Moments)]
    [InlineData(ForeignFolders.Half)]
    [InlineData(ForeignFolders.Sampling)]
    public void A_decoder_gives_what_PyTorch_computes(string name)
    {
        using var model = LiteVaeModel.Load(ForeignFolders.PathOf(name));
        AssertClose(ForeignFolders.Expected("decoded"), model.Decode(Means("moments"), 2, 3, 5).Data, ForeignFolders.Tolerance(name));
    }

    [Fact]
    public void A_decoder_with_factor_4_gives_what_PyTorch_computes()
    {
        using var model = LiteVaeModel.Load(ForeignFolders.PathOf(ForeignFolders.Plain));
        AssertClose(ForeignFolders.Expected("plain.decoded"), model.Decode(ForeignFolders.Expected("plain.latent"), 2, 6, 10).Data, ForeignFolders.Tolerance(ForeignFolders.Plain));
    }

    [Fact]
    public void The_fingerprint_is_of_the_file_also_where_its_noise_is_taken_out()
    {
        using var model = LiteVaeModel.Load(ForeignFolders.PathOf(ForeignFolders.Sampling));
        var file = File.ReadAllBytes(TinyModels.EncoderPath(ForeignFolders.PathOf(ForeignFolders.Sampling)));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(file)), model.EncoderSha256);
    }

    [Fact]
    public void Only_the_node_that_draws_noise_is_changed()
    {
        var path = TinyModels.EncoderPath(ForeignFolders.PathOf(ForeignFolders.Sampling));
        var expected = Model.Parser.ParseFrom(File.ReadAllBytes(path));
        var noise = expected.Graph.Node.Single(node => node.OpType == "RandomNormalLike");
        var actual = Model.Parser.ParseFrom(OnnxModelFile.Read(path).WithoutNoise());

        // torch.randn states its type: a difference of 0, and the cast to that type
        var at = expected.Graph.Node.IndexOf(noise);
        Assert.Equal(("Sub", noise.Input[0], noise.Input[0]), (actual.Graph.Node[at].OpType, actual.Graph.Node[at].Input[0], actual.Graph.Node[at].Input[1]));
        Assert.Equal(("Cast", noise.Output[0]), (actual.Graph.Node[at + 1].OpType, actual.Graph.Node[at + 1].Output[0]));
        expected.Graph.Node.RemoveAt(at);
        actual.Graph.Node.RemoveAt(at);
        actual.Graph.Node.RemoveAt(at);
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void A_graph_without_noise_is_run_as_it_lies_in_the_file()
    {
        var file = OnnxModelFile.Read(TinyModels.EncoderPath(ForeignFolders.PathOf(ForeignFolders.Moments)));
        Assert.Same(file.Bytes, file.WithoutNoise());
    }

    [Fact]
    public void An_encoder_alone_is_enough_to_encode()
    {
        TinyModels.Write(_folder.Root);
        File.Delete(_folder.At("config.json"));
        File.Delete(TinyModels.DecoderPath(_folder.Root));
        using var model = LiteVaeModel.Load(_folder.Root + Path.DirectorySeparatorChar);
        Assert.Equal((Path.GetFileName(_folder.Root), TinyModels.Channels, 8), (model.Config.Name, model.Config.LatentChannels, model.Config.DownsamplingFactor));
        Assert.Equal(-0.25f, model.Encode(new PixelTensor(1, 8, 8)).Mean(0)[1]);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(16)]
    public void Any_whole_factor_is_found_out(int factor)
    {
        TinyModels.Write(_folder.Root);
        File.Delete(_folder.At("config.json"));
        var encoder = TinyModels.Encoder();
        foreach (var attribute in encoder.Graph.Node[0].Attribute)
        {
            (attribute.Ints[0], attribute.Ints[1]) = (factor, factor);
        }

        var decoder = TinyModels.Decoder();
        var scales = decoder.Graph.Initializer.Single(tensor => tensor.Name == "scales");
        (scales.FloatData[2], scales.FloatData[3]) = (factor, factor);
        File.WriteAllBytes(TinyModels.EncoderPath(_folder.Root), encoder.ToByteArray());
        File.WriteAllBytes(TinyModels.DecoderPath(_folder.Root), decoder.ToByteArray());

        using var model = LiteVaeModel.Load(_folder.Root);
        Assert.Equal(factor, model.Config.DownsamplingFactor);
        Assert.Equal((5, 9), (model.Encode(new PixelTensor(1, 5 * factor, 9 * factor)).Height, model.Encode(new PixelTensor(1, 5 * factor, 9 * factor)).Width));
    }

    private static float[] Means(string moments)
    {
        var values = ForeignFolders.Expected(moments);
        return new Posterior(2, 4, 3, 5, values).Means();
    }

    private static void AssertClose(float[] expected, float[] actual, float tolerance) => Assert.Equal(expected, actual, (a, b) => Math.Abs(a - b) <= tolerance);
}
