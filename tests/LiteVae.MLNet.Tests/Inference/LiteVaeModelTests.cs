using Google.Protobuf;

namespace LiteVae.Tests.Inference;

public sealed class LiteVaeModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LiteVaeModel _model;

    public LiteVaeModelTests() => _model = LiteVaeModel.Load(TinyModels.Write(_folder.Root));

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Encode_gives_the_moments_computed_by_hand()
    {
        var images = new PixelTensor(2, 8, 16);
        Fill(images, 1, column: 1, red: 0.5f, green: -0.25f, blue: 0.75f);

        var posterior = _model.Encode(images);

        Assert.Equal((2, 2, 1, 2), (posterior.Count, posterior.Channels, posterior.Height, posterior.Width));
        // Image 0 is black-grey: only the biases. Image 1's right block: R + 2 G = 0, B - 0.25 = 0.5, -1, R / 2 = 0.25.
        Assert.Equal([0, 0, -0.25f, -0.25f, -1, -1, 0, 0], posterior.GetMoments(0).ToArray());
        Assert.Equal([0, 0, -0.25f, 0.5f, -1, -1, 0, 0.25f], posterior.GetMoments(1).ToArray());
    }

    [Fact]
    public void Decode_gives_the_pixels_computed_by_hand()
    {
        // One latent, 1 x 2: z0 = (0.5, -1), z1 = (0.25, 0).
        var images = _model.Decode([0.5f, -1, 0.25f, 0], 1, 1, 2);

        Assert.Equal((1, 8, 16), (images.Count, images.Height, images.Width));
        Assert.Equal(0.5f, images.Data[0]);
        Assert.Equal(0.5f, images.Data[(7 * 16) + 7]);
        Assert.Equal(-1, images.Data[8]);
        Assert.Equal(0.25f, images.Data[128]);
        Assert.Equal(-0.25f, images.Data[2 * 128]);
        Assert.Equal(-1, images.Data[(3 * 128) - 1]);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(13, 21)]
    [InlineData(16, 8)]
    public void Reconstruct_keeps_the_size_of_the_image(int width, int height)
    {
        // R = G = 85 is -1/3: z0 = R + 2 G = -1 decodes to R = 0 and B = -1 = 0; B = 204 is 0.6: z1 = 0.35 decodes to G = 172.
        var pixels = Enumerable.Range(0, width * height).SelectMany(_ => new byte[] { 85, 85, 204 }).ToArray();
        var result = _model.Reconstruct(new RgbImage(width, height, pixels));

        Assert.Equal((width, height), (result.Width, result.Height));
        Assert.Equal(Enumerable.Range(0, width * height).SelectMany(_ => new byte[] { 0, 172, 0 }), result.Pixels);
    }

    [Fact]
    public void Sides_that_are_no_multiples_of_eight_are_refused_with_their_values()
    {
        var error = Assert.Throws<ArgumentException>(() => _model.Encode(new PixelTensor(1, 12, 20)));
        Assert.Contains("20 x 12", error.Message);
        Assert.Contains("24 x 16", error.Message);
    }

    [Fact]
    public void Latents_of_the_wrong_length_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => _model.Decode(new float[7], 1, 2, 2));
        Assert.Contains("7 latent values; the shape [1, 2, 2, 2] needs 8", error.Message);
    }

    [Fact]
    public void An_encode_only_user_needs_no_decoder()
    {
        File.Delete(TinyModels.DecoderPath(_folder.Root));
        using var model = LiteVaeModel.Load(_folder.Root);
        Assert.Equal(-0.25f, model.Encode(new PixelTensor(1, 8, 8)).Mean(0)[1]);
        Assert.Throws<FileNotFoundException>(() => model.Decode(new float[2], 1, 1, 1));
    }

    [Fact]
    public async Task Many_threads_get_the_answers_that_one_thread_gets()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            var images = new PixelTensor(1, 8, 8);
            Fill(images, 0, column: 0, red: thread / 8f, green: 0, blue: 0);
            return Enumerable.Range(0, 50).Select(_ => _model.Encode(images).Mean(0)[0]).Distinct().ToArray();
        })));
        Assert.Equal(Enumerable.Range(0, 8).Select(thread => thread / 8f), answers.Select(values => Assert.Single(values)));
    }

    [Fact]
    public void Disposing_lets_an_open_lease_finish_and_refuses_new_calls()
    {
        using (var lease = _model.AcquireEncoder())
        {
            _model.Dispose();
            Assert.True(_model.IsAlive);
            Assert.Equal(-0.25f, _model.Encode(lease, new PixelTensor(1, 8, 8)).Mean(0)[1]);
            Assert.Throws<ObjectDisposedException>(() => _model.Encode(new PixelTensor(1, 8, 8)));
        }

        Assert.False(_model.IsAlive);
        Assert.Equal(1, _model.EncoderRuns);
    }

    [Fact]
    public void A_lease_that_nobody_disposed_is_given_back_by_its_finalizer()
    {
        Leak(_model);
        _model.Dispose();
        for (var i = 0; i < 10 && _model.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(_model.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Leak(LiteVaeModel model) => model.AcquireEncoder();
    }

    [Fact]
    public void A_model_that_does_not_shrink_by_the_factor_of_its_config_is_an_error_and_no_garbage()
    {
        File.WriteAllText(_folder.At("config.json"), (TinyModels.Config with { DownsamplingFactor = 16 }).ToJson());
        using var model = LiteVaeModel.Load(_folder.Root);
        var error = Assert.Throws<InvalidOperationException>(() => model.Encode(new PixelTensor(1, 32, 16)));
        Assert.Contains("[1, 3, 32, 16] with output [1, 4, 2, 1]", error.Message);
    }

    [Fact]
    public void The_fingerprint_is_the_hash_of_the_encoder_file()
    {
        var bytes = File.ReadAllBytes(TinyModels.EncoderPath(_folder.Root));
        Assert.Equal(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes)).ToLowerInvariant(), _model.EncoderSha256);
    }

    [Fact]
    public void The_fingerprint_is_of_the_encoder_that_runs_also_after_the_file_is_replaced()
    {
        _model.Encode(new PixelTensor(1, 8, 8));
        var bytes = File.ReadAllBytes(TinyModels.EncoderPath(_folder.Root));
        ReplaceEncoder();
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), _model.EncoderSha256);
    }

    [Fact]
    public void An_encoder_replaced_behind_its_fingerprint_is_refused()
    {
        var fingerprint = _model.EncoderSha256;
        ReplaceEncoder();
        var error = Assert.Throws<InvalidDataException>(() => _model.Encode(new PixelTensor(1, 8, 8)));
        Assert.Contains($"SHA-256 {fingerprint}", error.Message);
    }

    [Fact]
    public void A_profile_is_written_where_it_is_asked_for()
    {
        using (var model = LiteVaeModel.Load(_folder.Root, new LiteVaeModelOptions { Threads = 1, ProfilePrefix = _folder.At("profile") }))
        {
            model.Encode(new PixelTensor(1, 8, 8));
        }

        Assert.Contains("AveragePool", File.ReadAllText(Assert.Single(Directory.GetFiles(_folder.Root, "profile-encoder*"))));
    }

    private void ReplaceEncoder()
    {
        var encoder = TinyModels.Encoder();
        encoder.DocString = "another export";
        File.WriteAllBytes(TinyModels.EncoderPath(_folder.Root), encoder.ToByteArray());
    }

    private static void Fill(PixelTensor images, int index, int column, float red, float green, float blue)
    {
        var (plane, values) = (images.Height * images.Width, new[] { red, green, blue });
        for (var i = 0; i < 3 * plane; i++)
        {
            if (i % images.Width / 8 == column)
            {
                images.GetImage(index)[i] = values[i / plane];
            }
        }
    }
}
