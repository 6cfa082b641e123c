using LiteVae.Tests;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Data;

/// <summary>The linear code: fitted once, exact where a linear code can be, and left alone by training.</summary>
[Collection(nameof(Estimator.AloneWithTorch))] // trainings to the last bit: first weights come from libtorch's only generator
public sealed class LinearCodeTests : TorchTest
{
    private const int Channels = 4;
    private const int Side = 128;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Images_that_a_linear_code_can_hold_come_back_before_the_first_step()
    {
        WriteCombinations("data");
        using var network = Fitted("data");
        var image = ImageDecoder.Decode(_folder.At("data/3.png"));
        var pixels = new PixelTensor(1, Side, Side);
        pixels.Set(0, image);
        var images = tensor(pixels.Data, [1, 3, Side, Side]);

        // to the rounding of the pictures' 8 bits, in which they are no exact combinations any more
        var back = network.call(images);
        Assert.InRange((back - images).abs().max().item<float>(), 0, 0.02f);

        // codes have mean 0 and variance 1, and nothing in common
        var codes = cat([.. Enumerable.Range(0, 6).Select(i => Codes(network, $"data/{i}.png"))]).permute(1, 0, 2, 3).reshape(Channels, -1);
        Assert.InRange(codes.mean([1]).abs().max().item<float>(), 0, 0.1f);
        var covariance = codes.mm(codes.t()) / codes.shape[1];
        Assert.InRange((covariance - eye(Channels)).abs().max().item<float>(), 0, 0.2f);
    }

    [Fact]
    public void A_block_is_guessed_from_its_neighbours_too()
    {
        // pictures of slow waves, of which a block's mean alone says less than its neighbours' slopes do
        for (var i = 0; i < 6; i++)
        {
            var phase = i;
            Save($"data/{i}.png", (x, y, c) => 128 + (100 * Math.Sin((x * 0.09) + (y * 0.07) + phase + c)));
        }

        using var network = Fitted("data", channels: 3);
        var pixels = new PixelTensor(1, Side, Side);
        pixels.Set(0, ImageDecoder.Decode(_folder.At("data/2.png")));
        var images = tensor(pixels.Data, [1, 3, Side, Side]);
        var whole = Error(network.call(images));

        // the same without what a code says of the blocks around it
        using var noGradient = no_grad();
        var weight = network.decoder.linear!.weight;
        var own = zeros_like(weight);
        own.narrow(2, 8, 8).narrow(3, 8, 8).copy_(weight.narrow(2, 8, 8).narrow(3, 8, 8));
        weight.copy_(own);
        Assert.True(whole < 0.5 * Error(network.call(images)));

        double Error(Tensor back) => (back - images).narrow(2, 8, Side - 16).narrow(3, 8, Side - 16).square().mean().item<float>();
    }

    [Theory]
    [InlineData(TrainingPrecision.Float32)]
    [InlineData(TrainingPrecision.BFloat16)]
    public void Training_leaves_it_alone_and_resumes_to_the_last_bit(TrainingPrecision precision)
    {
        TrainingPictures.Write(_folder, width: 140, height: 130);
        var options = Options("whole") with { Precision = precision, WeightDecay = 0.1 };
        var end = new LiteVaeTrainer(options).Train();
        var part = options with { Output = _folder.At("part"), Stages = [options.Stages[0] with { Steps = 3 }] };
        new LiteVaeTrainer(part).Train();
        var resumed = new LiteVaeTrainer(part with { Stages = options.Stages }).Train(resume: true);

        using var whole = SafetensorsReader.Open(end);
        using var again = SafetensorsReader.Open(resumed);
        using var early = SafetensorsReader.Open(_folder.At("part/checkpoints/step-00000003.safetensors"));
        Assert.Equal(whole.Entries.Select(entry => entry.Name), again.Entries.Select(entry => entry.Name));
        Assert.All(whole.Entries, entry => Assert.Equal(whole.ReadFloats(entry.Name), again.ReadFloats(entry.Name)));
        var linear = whole.Entries.Select(entry => entry.Name).Where(name => name.Contains(".linear.", StringComparison.Ordinal)).ToList();
        Assert.Equal(8, linear.Count); // weights and biases of both halves, in the network and in its average; no optimiser state
        Assert.All(linear, name => Assert.Equal(early.ReadFloats(name), whole.ReadFloats(name)));
        Assert.All(linear, name => Assert.Contains(whole.ReadFloats(name), value => value != 0));
        Assert.NotEqual(early.ReadFloats("network.decoder.head.weight"), whole.ReadFloats("network.decoder.head.weight"));
    }

    [Theory]
    [InlineData(DecoderOutput.Wavelet)]
    [InlineData(DecoderOutput.Image)]
    public void It_is_exported_with_the_networks(DecoderOutput output)
    {
        var options = Options("run");
        var decoder = options.Architecture.Decoder;
        var architecture = options.Architecture with { Decoder = decoder with { Output = output, Multipliers = output == DecoderOutput.Image ? [1, 1, 1, 2] : decoder.Multipliers } };
        using var network = new LiteVaeNetwork(architecture);
        using (no_grad())
        {
            foreach (var parameter in network.parameters())
            {
                nn.init.normal_(parameter, 0, 0.1);
            }
        }

        var config = new LiteVaeConfig { Name = "tiny", LatentChannels = Channels, Architecture = architecture, TrainingData = new LiteVaeTrainingData("noise", "CC0-1.0") };
        Assert.True(OnnxExporter.Export(network, config, _folder.At("model")).Passed);

        // it is local still, and the file knows what it is
        using var model = LiteVaeModel.Load(_folder.At("model"));
        Assert.Equal(0.125, ((LiteVaeArchitecture)model.Config.Architecture!).LinearCode!.NetworkShare);
        Assert.NotNull(Locality.OfEncoder(model.ReadEncoder(), 8));
        Assert.NotNull(Locality.OfDecoder(model.ReadDecoder(), 8));
    }

    [Fact]
    public void A_file_without_it_says_nothing_of_it_and_a_wrong_one_is_refused()
    {
        var plain = new LiteVaeConfig { Name = "tiny", LatentChannels = Channels, Architecture = new LiteVaeArchitecture { LatentChannels = Channels } };
        Assert.DoesNotContain("linear_code", plain.ToJson(), StringComparison.Ordinal);
        var wrong = new LiteVaeArchitecture { LatentChannels = 193, LinearCode = new LiteVaeLinearCode { NetworkShare = 2 } };
        var message = Assert.Throws<ArgumentException>(() => new LiteVaeNetwork(wrong)).Message;
        Assert.Contains("linear_code needs at most 192 latent channels; there are 193", message, StringComparison.Ordinal);
        Assert.Contains("network_share is 2", message, StringComparison.Ordinal);
    }

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    private LiteVaeTrainerOptions Options(string run)
    {
        var options = TrainingPictures.Options(_folder, run);
        return options with { Architecture = options.Architecture with { LinearCode = new LiteVaeLinearCode() }, Stages = [options.Stages[0]] };
    }

    private LiteVaeNetwork Fitted(string folder, int channels = Channels)
    {
        var network = new LiteVaeNetwork(Options("run").Architecture with { LatentChannels = channels });
        LinearCodeFit.Fit(new ImageFolder(_folder.At(folder)), seed: 1, network);
        return network;
    }

    private Tensor Codes(LiteVaeNetwork network, string picture)
    {
        var pixels = new PixelTensor(1, Side, Side);
        pixels.Set(0, ImageDecoder.Decode(_folder.At(picture)));
        return network.Encode(tensor(pixels.Data, [1, 3, Side, Side])).narrow(1, 0, Channels);
    }

    /// <summary>Pictures whose every block is a grey plus random shares of the same four patterns, which are their own mirror images, since the fit mirrors pictures.</summary>
    private void WriteCombinations(string folder)
    {
        var random = new Random(1);
        var patterns = Enumerable.Range(0, Channels).Select(_ => Enumerable.Range(0, 192).Select(_ => (random.NextDouble() * 2) - 1).ToArray()).ToArray();
        for (var i = 0; i < 6; i++)
        {
            var shares = Enumerable.Range(0, 256).Select(_ => Enumerable.Range(0, Channels).Select(_ => (random.NextDouble() * 60) - 30).ToArray()).ToArray();
            Save($"{folder}/{i}.png", (x, y, c) =>
            {
                var share = shares[(y / 8 * 16) + (x / 8)];
                return 128 + Enumerable.Range(0, Channels).Sum(k => share[k] * patterns[k][(c * 64) + (y % 8 * 8) + Math.Min(x % 8, 7 - (x % 8))]);
            });
        }
    }

    private void Save(string path, Func<int, int, int, double> value)
    {
        var pixels = new byte[Side * Side * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (place, colour) = Math.DivRem(i, 3);
            pixels[i] = (byte)Math.Clamp(Math.Round(value(place % Side, place / Side, colour)), 0, 255);
        }

        PngFile.Save(_folder.At(path), new RgbImage(Side, Side, pixels));
    }
}
