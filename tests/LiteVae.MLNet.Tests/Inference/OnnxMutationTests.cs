using System.Text;
using LiteVae.Tests.Inference.Foreign;

namespace LiteVae.Tests.Inference;

/// <summary>Damaged model files: each is loaded, or refused with a sentence; <c>LITEVAE_MUTATIONS</c> raises the number.</summary>
public sealed class OnnxMutationTests : IDisposable
{
    /// <summary>One in so many of the mutations also goes into ONNX Runtime.</summary>
    private const int Sessions = 5;

    private static readonly byte[][] Words =
        [.. new[] { "Loop", "Scan", "If", "RandomNormalLike", "Sub", "sample", "latent_sample", "com.microsoft" }.Select(Encoding.UTF8.GetBytes), [0x0A], [0x2A], [0x3A], [0x08], [0x70, 0x01], [0x6A, 0x00], [0xCA, 0x01, 0x00]];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ForeignFolders.Moments)]
    [InlineData(ForeignFolders.Sampling)]
    public void A_damaged_graph_is_read_or_refused_with_little_memory(string name)
    {
        var mutations = new FileMutations(File.ReadAllBytes(TinyModels.EncoderPath(ForeignFolders.PathOf(name))), Words);
        MutationRun.Check($"ONNX, {name}", mutations.At, path =>
        {
            var file = OnnxModelFile.Read(path);
            OnnxContract.Encoder(null).Require(file);
            file.WithoutNoise();
            Locality.OfEncoder(file, 8);
        });
    }

    [Theory]
    [InlineData("""{"schema_version": 1, "name": "tiny", "latent_channels": 2, "downsampling_factor": 8, "encoder_output": "latent", "scaling_factor": 4, "shift_factor": 0.5}""")]
    [InlineData("""{"_class_name": "AutoencoderKL", "scaling_factor": 0.18215, "shift_factor": null, "latent_channels": 4}""")]
    public void A_damaged_config_is_read_or_refused_with_little_memory(string config)
    {
        var mutations = new FileMutations(Encoding.UTF8.GetBytes(config), [.. new[] { "{", "[", "\"", "null", "1e999", "schema_version" }.Select(Encoding.UTF8.GetBytes)]);
        MutationRun.Check("config.json", mutations.At, path =>
        {
            var text = File.ReadAllText(path);
            _ = (object?)DiffusersConfig.Parse(text, path) ?? LiteVaeConfig.Parse(text, path);
        });
    }

    [Fact]
    public void A_damaged_graph_that_is_read_runs_or_is_refused()
    {
        Directory.CreateDirectory(_folder.At("vae_encoder"));
        var mutations = new FileMutations(File.ReadAllBytes(TinyModels.EncoderPath(ForeignFolders.PathOf(ForeignFolders.Moments))), Words);
        var (loaded, refused) = (0, 0);
        for (var index = 0; index < FileMutations.Count / Sessions; index++)
        {
            File.Delete(TinyModels.EncoderPath(_folder.Root)); // written over, each one would go to the disk
            File.WriteAllBytes(TinyModels.EncoderPath(_folder.Root), mutations.At(index));
            try
            {
                using var model = LiteVaeModel.Load(_folder.Root);
                var side = model.Config.DownsamplingFactor;
                Assert.Equal(model.Config.LatentChannels, model.Encode(new PixelTensor(1, side, side)).Channels);
                loaded++;
            }
            catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
            {
                Assert.Contains(_folder.Root, e.Message);
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"mutation {index}: {e}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{loaded} loaded, {refused} refused");
        Assert.True(loaded > 0 && refused > 0);
        Assert.Equal([_folder.At("vae_encoder")], Directory.GetFileSystemEntries(_folder.Root));
    }
}
