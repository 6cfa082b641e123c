using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Steps;

public sealed class FlatParametersTests : TorchTest
{
    [Fact]
    public void A_network_computes_and_learns_as_before_and_its_parameters_are_views()
    {
        using var folder = new LiteVae.Tests.TemporaryFolder();
        var architecture = TrainingPictures.Options(folder).Architecture;
        using var flat = new LiteVaeNetwork(architecture);
        using var plain = new LiteVaeNetwork(architecture);
        plain.load_state_dict(flat.state_dict());
        var image = rand(2, 3, 16, 16);

        var parameters = new FlatParameters(flat);
        Golden.AssertClose(plain.call(image), flat.call(image), 0);
        plain.call(image).sum().backward();
        flat.call(image).sum().backward();
        foreach (var ((name, expected), (_, actual)) in plain.named_parameters().Zip(flat.named_parameters()))
        {
            Golden.AssertClose(expected.grad ?? zeros_like(expected), parameters.Piece(parameters.Gradients!, name), 1e-6);
            Golden.AssertClose(expected, actual, 0);
        }

        using (no_grad())
        {
            parameters.Values.zero_();
        }

        Assert.All(flat.parameters(), parameter => Assert.Equal(0, parameter.abs().max().item<float>()));
        parameters.ClearGradients();
        Assert.All(flat.parameters(), parameter => Assert.Equal(0, parameter.grad!.abs().max().item<float>()));
    }

    [Fact]
    public void Those_that_decay_come_first()
    {
        using var network = nn.Sequential(("a", nn.Linear(2, 3)), ("b", nn.Linear(3, 4)));
        var parameters = new FlatParameters(network);
        Assert.Equal((2 * 3) + (3 * 4), parameters.DecayedCount);
        Assert.Equal(parameters.DecayedCount + 3 + 4, parameters.Values.numel());
        Assert.All(["a.weight", "b.weight"], name => Assert.True(parameters.Pieces[name].Offset < parameters.DecayedCount));
    }
}
