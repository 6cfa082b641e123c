using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Export;

public class ParityTests
{
    public static TheoryData<BlockNorm, BlockNorm, bool, DecoderOutput> Forms()
    {
        var forms = new TheoryData<BlockNorm, BlockNorm, bool, DecoderOutput>();
        foreach (var encoder in Enum.GetValues<BlockNorm>())
        {
            foreach (var decoder in Enum.GetValues<BlockNorm>())
            {
                foreach (var output in Enum.GetValues<DecoderOutput>())
                {
                    forms.Add(encoder, decoder, true, output);
                    forms.Add(encoder, decoder, false, output);
                }
            }
        }

        return forms;
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Onnx_Runtime_gives_what_TorchSharp_gives(BlockNorm encoder, BlockNorm decoder, bool attention, DecoderOutput output)
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture(encoder, decoder, attention, output));
        AssertParity(network);
    }

    [Fact]
    public void Latent_convolutions_and_shared_extractors_are_exported_too()
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture(latentConvolutions: true, sharedExtractors: true));
        AssertParity(network);
    }

    [Fact]
    public void Files_of_another_network_do_not_pass()
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture());
        using var other = TinyNetwork.Create(TinyNetwork.Architecture());
        other.load_state_dict(network.state_dict()); // a seed would not do: tests that run beside this one draw from the same generator
        using (no_grad())
        {
            other.encoder.extract[2].up[3].norm2!.weight.mul_(1.01);
        }

        var (encoder, decoder) = OnnxExporter.ToOnnx(other, TinyNetwork.Config(other));
        var report = ParityCheck.Run(network, encoder, decoder);
        Assert.False(report.Passed);
        Assert.All(report.Rows, row => Assert.Equal(row.Part == "decoder", row.MaxError <= report.Tolerance));
    }

    [Fact]
    public void Large_outputs_are_judged_by_their_standard_deviation()
    {
        var row = new ParityRow("decoder", 1, 64, 64, Scale: 50, MaxError: 4e-3, MeanError: 1e-3);
        Assert.True(new ParityReport(1e-4, "", "", [row]).Passed);
        Assert.False(new ParityReport(1e-4, "", "", [row with { Scale = 1 }]).Passed);
        Assert.False(new ParityReport(1e-4, "", "", [row with { MaxError = double.NaN }]).Passed);
    }

    private static void AssertParity(LiteVaeNetwork network)
    {
        var (encoder, decoder) = OnnxExporter.ToOnnx(network, TinyNetwork.Config(network));
        var report = ParityCheck.Run(network, encoder, decoder);

        Assert.Equal(12, report.Rows.Count);
        Assert.Equal(3, report.Rows.Select(row => (row.Height, row.Width)).Distinct().Count());
        Assert.Equal([1, 3], report.Rows.Select(row => row.Batch).Distinct());
        Assert.True(report.WorstError <= 1e-4, report.ToTable());
        Assert.True(report.Passed);
    }
}
