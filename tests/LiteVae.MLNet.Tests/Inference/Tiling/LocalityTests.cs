namespace LiteVae.Tests.Inference;

/// <summary>What a graph says of how far it sees, against what its output reacts to when it runs.</summary>
[Collection(LargeImages.Name)]
public sealed class LocalityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    // each shrinks by the factor, from 3 channels to 2
    private static readonly Dictionary<string, (int Factor, Func<SmallGraph> Graph)> Encoders = new()
    {
        ["a 3x3 convolution"] = (1, () => SmallGraph.Encoder().Conv(2, 3)),
        ["one of stride 2, padded on both sides"] = (2, () => SmallGraph.Encoder().Conv(2, 3, stride: 2)),
        ["one of stride 2, padded behind"] = (2, () => SmallGraph.Encoder().Conv(2, 3, stride: 2, pads: [0, 0, 1, 1])),
        ["a lopsided one"] = (1, () => SmallGraph.Encoder().Conv(2, 5, pads: [4, 3, 0, 1])),
        ["a dilated one"] = (1, () => SmallGraph.Encoder().Conv(2, 3, dilation: 3)),
        ["pooling"] = (4, () => SmallGraph.Encoder().Conv(2, 3).Node("AveragePool", SmallGraph.Ints("kernel_shape", 4, 4), SmallGraph.Ints("strides", 4, 4))),
        ["overlapping pooling"] = (2, () => SmallGraph.Encoder().Conv(2, 1).Node("MaxPool", SmallGraph.Ints("kernel_shape", 3, 3), SmallGraph.Ints("strides", 2, 2), SmallGraph.Ints("pads", 1, 1, 1, 1))),
        ["pixels to channels"] = (4, () => SmallGraph.Encoder().Node("SpaceToDepth", SmallGraph.Int("blocksize", 4)).ChannelsAre(48).Conv(2, 3)),
        ["down and up again inside"] = (2, () => SmallGraph.Encoder().Conv(2, 3, stride: 2).Resize(2).Conv(2, 3).Conv(2, 3, stride: 2)),
        ["halves of the channels"] = (2, () =>
        {
            var graph = SmallGraph.Encoder().Conv(6, 3, stride: 2);
            var all = graph.Last;
            var far = graph.Node("Slice", [all, graph.Longs(0), graph.Longs(2), graph.Longs(1)]).ChannelsAre(2).Conv(2, 5).Last;
            var near = graph.Node("Slice", [all, graph.Longs(2), graph.Longs(6), graph.Longs(1)]).Last;
            return graph.Node("Concat", [near, far], SmallGraph.Int("axis", 1)).ChannelsAre(6).Conv(2, 1);
        }),
        ["TAESD"] = (8, () =>
        {
            var graph = SmallGraph.Encoder().Conv(4, 3).Block();
            for (var i = 0; i < 3; i++)
            {
                graph.Conv(4, 3, stride: 2).Block().Block();
            }

            return graph.Conv(2, 3);
        }),
    };

    // each enlarges by the factor, from 2 channels to 3
    private static readonly Dictionary<string, (int Factor, Func<SmallGraph> Graph)> Decoders = new()
    {
        ["a 5x5 convolution"] = (1, () => SmallGraph.Decoder(2).Conv(3, 5)),
        ["nearest, then a convolution"] = (2, () => SmallGraph.Decoder(2).Resize(2).Conv(3, 3)),
        ["nearest in PyTorch's newer spelling"] = (2, () => SmallGraph.Decoder(2).Resize(2, "half_pixel", "round_prefer_floor").Conv(3, 3)),
        ["a transposed convolution without overlap"] = (2, () => SmallGraph.Decoder(2).ConvTranspose(3, 2, 2, 0, 0)),
        ["an overlapping one"] = (2, () => SmallGraph.Decoder(2).ConvTranspose(3, 4, 2, 1, 0)),
        ["a lopsided one"] = (2, () => SmallGraph.Decoder(2).ConvTranspose(3, 3, 2, 1, 1)),
        ["channels to pixels"] = (2, () => SmallGraph.Decoder(2).Conv(12, 3).Node("DepthToSpace", SmallGraph.Int("blocksize", 2)).ChannelsAre(3)),
        ["TAESD"] = (8, () =>
        {
            var graph = SmallGraph.Decoder(2);
            var third = graph.Floats([], [3]);
            graph.Node("Div", [graph.Last, third]).Node("Tanh").Node("Mul", [graph.Last, third]).Conv(4, 3).Node("Relu");
            for (var i = 0; i < 3; i++)
            {
                graph.Block().Resize(2).Conv(4, 3);
            }

            return graph.Block().Conv(3, 3);
        }),
    };

    public static TheoryData<string> EncoderNames => [.. Encoders.Keys];

    public static TheoryData<string> DecoderNames => [.. Decoders.Keys];

    // none of them is local, or not known to be
    private static readonly Dictionary<string, Func<SmallGraph, SmallGraph>> Others = new()
    {
        ["softmax"] = graph => graph.Node("Softmax"),
        ["an instance norm"] = graph => graph.Node("InstanceNormalization", [graph.Last, graph.Floats([3], [1, 1, 1]), graph.Floats([3], [0, 0, 0])]),
        ["a mean over the image"] = graph => graph.Node("Sub", [graph.Last, graph.Node("GlobalAveragePool", [graph.Last]).Last]),
        ["a reshape"] = graph => graph.Node("Reshape", [graph.Last, graph.Longs(0, 0, 0, -1)]),
        ["reflecting edges"] = graph => graph.Node("Pad", [graph.Last, graph.Longs(0, 0, 1, 1, 0, 0, 1, 1)], SmallGraph.Text("mode", "reflect")).Conv(3, 3, pads: [0, 0, 0, 0]),
        ["nearest that looks ahead"] = graph => graph.Resize(2, "asymmetric", "ceil").Conv(3, 3, stride: 2),
        ["an enlargement that is no whole number"] = graph => graph.Resize(1.5f).Conv(3, 3),
        ["a constant with a place for each column"] = graph => graph.Node("Add", [graph.Last, graph.Floats([1, 1, 1, 8], new float[8])]),
        ["a row of numbers, which would lie along the width"] = graph => graph.Node("Add", [graph.Last, graph.Floats([8], new float[8])]),
        ["a cut along the width"] = graph => graph.Node("Slice", [graph.Last, graph.Longs(0), graph.Longs(8), graph.Longs(3)]),
        ["joined along the width"] = graph => graph.Node("Concat", [graph.Last, graph.Last], SmallGraph.Int("axis", 3)),
        ["a convolution that shortens"] = graph => graph.Conv(3, 3, pads: [0, 0, 0, 0]),
        ["a normalisation of every channel with itself"] = graph => graph.Node("LpNormalization", SmallGraph.Int("axis", 3)),
        ["padding that depends on the size"] = graph => graph.Node("MaxPool", SmallGraph.Ints("kernel_shape", 3, 3), SmallGraph.Text("auto_pad", "SAME_UPPER")),
    };

    public static TheoryData<string> OtherNames => [.. Others.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(EncoderNames))]
    public void An_encoders_field_and_halo_are_what_a_latent_reacts_to(string name)
    {
        var (factor, graph) = Encoders[name];
        var locality = Locality.OfEncoder(Write("vae_encoder", graph().ToBytes("latent_parameters")), factor)!;
        var reached = new[] { true, false }.Select(across => PixelsOfOneLatent(factor, locality.Halo, across)).ToList();
        Assert.Equal(reached.Max(side => side.Last - side.First + 1), locality.ReceptiveField);
        Assert.Equal(reached.Max(side => Math.Max(-side.First, side.Last - factor + 1)), locality.Halo, factor - 1.0); // rounded up to whole latents
        Assert.True(reached.All(side => -side.First <= locality.Halo && side.Last - factor + 1 <= locality.Halo));
        Assert.True(locality.ReceptiveField <= (2 * locality.Halo) + factor);
    }

    [Theory]
    [MemberData(nameof(DecoderNames))]
    public void A_decoders_field_and_halo_are_what_a_pixel_reacts_to(string name)
    {
        var (factor, graph) = Decoders[name];
        var locality = Locality.OfDecoder(Write("vae_decoder", graph().ToBytes("sample")), factor)!;
        var latents = (4 * (locality.Halo / factor)) + 5;
        var centre = latents / 2;
        var lit = new float[latents * 2 * latents];
        for (var place = 0; place < latents; place++)
        {
            lit[(((place * 2) + 0) * latents) + place] = lit[(((place * 2) + 1) * latents) + place] = 1;
        }

        using var model = Load(factor);
        var images = model.Decode(lit, latents, 1, latents);
        var (widest, halo) = (0, 0);
        for (var pixel = centre * factor; pixel < (centre + 1) * factor; pixel++)
        {
            var reached = Enumerable.Range(0, latents).Where(place => Enumerable.Range(0, factor).Any(row => images.GetImage(place)[(row * images.Width) + pixel] != 0)).ToList();
            widest = Math.Max(widest, reached[^1] - reached[0] + 1);
            halo = Math.Max(halo, Math.Max(centre - reached[0], reached[^1] - centre));
        }

        Assert.Equal(widest * factor, locality.ReceptiveField);
        Assert.Equal(halo * factor, locality.Halo);
        Assert.True(locality.ReceptiveField <= (2 * locality.Halo) + factor);
    }

    [Theory]
    [MemberData(nameof(OtherNames))]
    public void What_is_not_known_to_be_local_is_not_taken_for_it(string name)
    {
        Assert.Equal(0, Locality.OfEncoder(Write("vae_encoder", SmallGraph.Encoder().Node("Relu").ToBytes("latent_parameters")), 1)!.Halo);
        Assert.Null(Locality.OfEncoder(Write("vae_encoder", Others[name](SmallGraph.Encoder()).Conv(2, 1).ToBytes("latent_parameters")), 1));
    }

    [Fact]
    public void A_graph_that_ends_at_another_factor_is_not_taken_for_local() =>
        Assert.Null(Locality.OfEncoder(Write("vae_encoder", SmallGraph.Encoder().Conv(2, 3, stride: 2).ToBytes("latent_parameters")), 4));

    [Fact]
    public void The_default_model_does_not_react_to_what_lies_just_outside_of_its_field()
    {
        using var model = LiteVaeModel.Load();
        var locality = Locality.OfEncoder(model.ReadEncoder(), 8)!;
        var halo = locality.Halo / 8;
        var latents = (2 * halo) + 4;
        var centre = halo + 2;
        var images = new PixelTensor(1, 8, 8 * latents);
        var random = new Random(1);
        for (var i = 0; i < images.Data.Length; i++)
        {
            images.Data[i] = (random.NextSingle() * 2) - 1;
        }

        var before = Latent();
        Flip(8 * (centre - halo) - 1);
        Flip(8 * (centre + halo + 1));
        Assert.Equal(before, Latent());
        Flip((8 * centre) - 64); // well inside, where trained weights show
        Assert.NotEqual(before, Latent());

        float[] Latent()
        {
            var posterior = model.Encode(images);
            return [.. Enumerable.Range(0, 24).Select(channel => posterior.Moments[(channel * latents) + centre])];
        }

        void Flip(int column) => images.Data[column] = -images.Data[column];
    }

    /// <summary>The first and the last pixel, counted from a latent's own first one, that the latent reacts to: one image for each place, in which it alone is lit.</summary>
    private (int First, int Last) PixelsOfOneLatent(int factor, int halo, bool across)
    {
        var latents = (4 * (halo / factor)) + 5;
        var (side, centre) = (latents * factor, latents / 2);
        var images = across ? new PixelTensor(side, factor, side) : new PixelTensor(side, side, factor);
        for (var place = 0; place < side; place++)
        {
            var image = images.GetImage(place);
            for (var i = 0; i < image.Length; i++)
            {
                image[i] = (across ? i % side : i / factor % side) == place ? 1 : 0;
            }
        }

        using var model = Load(factor);
        var posterior = model.Encode(images);
        var reached = Enumerable.Range(0, side)
            .Where(place => Enumerable.Range(0, posterior.Channels).Any(channel => posterior.Mean(place)[(channel * latents) + centre] != 0)).ToList();
        return (reached[0] - (centre * factor), reached[^1] - (centre * factor));
    }

    private OnnxModelFile Write(string half, byte[] bytes)
    {
        Directory.CreateDirectory(_folder.At(half));
        File.WriteAllBytes(_folder.At($"{half}/model.onnx"), bytes);
        return OnnxModelFile.Read(_folder.At($"{half}/model.onnx"));
    }

    private LiteVaeModel Load(int factor)
    {
        File.WriteAllText(_folder.At("config.json"), new LiteVaeConfig { Name = "small", LatentChannels = 2, DownsamplingFactor = factor, EncoderOutput = EncoderOutput.Latent }.ToJson());
        return LiteVaeModel.Load(_folder.Root);
    }
}
