using LiteVae.Training.Tests.Export;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Networks;

public sealed class NetworkTests : TorchTest
{
    [Theory]
    [InlineData(BlockNorm.GroupNorm, DecoderOutput.Image, true)]
    [InlineData(BlockNorm.SelfModulated, DecoderOutput.Wavelet, false)]
    public void Shapes_are_those_of_the_paper_for_any_size(BlockNorm norm, DecoderOutput output, bool attention)
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture(norm, norm, attention, output));
        var moments = network.Encode(randn([2, 3, 24, 40]));
        Assert.Equal([2, 8, 3, 5], moments.shape);
        Assert.Equal([2, 3, 24, 40], network.Decode(new DiagonalGaussian(moments).Mean).shape);
    }

    [Fact]
    public void A_decoder_with_the_wrong_number_of_levels_is_refused()
    {
        var architecture = LiteVaePreset.Get("S", 4) with { Decoder = new LiteVaeDecoderShape { Output = DecoderOutput.Wavelet } };
        var e = Assert.Throws<ArgumentException>(() => new LiteVaeNetwork(architecture, META));
        Assert.Contains("decoder.multipliers has 4 entries; the Wavelet output needs 3", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_architecture_out_of_range_is_refused_with_all_its_faults()
    {
        var architecture = LiteVaePreset.Get("S", 0);
        architecture = architecture with { Encoder = architecture.Encoder with { Extractor = new UNetShape(-4, []) } };
        var e = Assert.Throws<ArgumentException>(() => new LiteVaeNetwork(architecture, META));
        foreach (var fault in new[] { "latent_channels is 0", "extractor.width is -4", "extractor.multipliers has 0 entries" })
        {
            Assert.Contains(fault, e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Shared_extractors_are_stored_once_and_used_thrice()
    {
        var own = TinyNetwork.Architecture();
        using var three = new LiteVaeEncoder(own, META);
        using var one = new LiteVaeEncoder(own with { Encoder = own.Encoder with { SharedExtractors = true } });
        var extractor = three.extract[0].parameters().Sum(p => p.numel());
        Assert.Equal(three.parameters().Sum(p => p.numel()) - (2 * extractor), one.parameters().Sum(p => p.numel()));
        Assert.Equal([1, 8, 2, 2], one.call(zeros([1, 3, 16, 16])).shape);
    }

    [Fact]
    public void A_norm_free_network_sees_only_its_neighbourhood()
    {
        // With GroupNorm a change in one corner moves the moments everywhere; without, it does not reach the far end.
        Assert.True(FarChange(BlockNorm.GroupNorm) > 0);
        Assert.Equal(0, FarChange(BlockNorm.SelfModulated));

        static double FarChange(BlockNorm norm)
        {
            using var network = TinyNetwork.Create(TinyNetwork.Architecture(norm));
            var x = randn([1, 3, 16, 800]);
            var changed = x.clone();
            changed[0, 0, 0, 0] += 5;
            return (network.Encode(x) - network.Encode(changed)).narrow(3, 99, 1).abs().max().item<float>();
        }
    }

    [Fact]
    public void A_posterior_owns_two_tensors_and_no_more()
    {
        var moments = randn([1, 4, 2, 2]);
        var before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var posterior = new DiagonalGaussian(moments);
        Assert.Equal(before + 2, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        posterior.Mean.Dispose();
        posterior.LogVar.Dispose();
        Assert.Equal(before, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_posterior_sample_is_mean_plus_deviation_times_noise()
    {
        var (mean, logVar, noise) = (randn([1, 2, 3, 3]), randn([1, 2, 3, 3]), randn([1, 2, 3, 3]));
        var sample = new DiagonalGaussian(cat([mean, logVar], 1)).Sample(noise);
        Golden.AssertClose(mean + ((logVar / 2).exp() * noise), sample, 1e-6);
    }
}
