using LiteVae.Training.Tests.Export;
using LiteVae.Training.Tests.Import;
using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Networks;

public sealed class AutoencoderNetworkTests : TorchTest
{
    public static TheoryData<string> Architectures => ["group norm", "self-modulated", "open-litevae", "AutoencoderKL"];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void A_network_that_is_disposed_leaves_no_tensors_behind(string name)
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var network = AutoencoderNetwork.Create(Architecture(name)))
        using (var noGradient = no_grad())
        {
            using var image = zeros(1, 3, 16, 16);
            using var back = network.call(image);
            Assert.Equal([1, 3, 16, 16], back.shape);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void A_network_is_moved_to_another_type_as_a_whole(string name)
    {
        using var network = AutoencoderNetwork.Create(Architecture(name));
        network.to(float64);
        Assert.All(network.parameters(), parameter => Assert.Equal(float64, parameter.dtype));
    }

    private static ModelArchitecture Architecture(string name) => name switch
    {
        "group norm" => TinyNetwork.Architecture(),
        "self-modulated" => TinyNetwork.Architecture(BlockNorm.SelfModulated, BlockNorm.SelfModulated),
        "open-litevae" => WeightFiles.TinyOpenLiteVae,
        _ => WeightFiles.TinyKL,
    };
}
