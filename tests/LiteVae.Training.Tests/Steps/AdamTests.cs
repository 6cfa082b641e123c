using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Steps;

public sealed class AdamTests : TorchTest
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    public void It_takes_the_steps_of_TorchSharps_own(double weightDecay)
    {
        using var ours = nn.Linear(3, 5);
        using var theirs = nn.Linear(3, 5);
        theirs.load_state_dict(ours.state_dict());
        var (input, target) = (randn([7, 3]), randn([7, 5]));
        var parameters = new FlatParameters(ours);
        var adam = new Adam(parameters, 0.5, 0.9, weightDecay);

        // as ours does, theirs decays the matrix alone
        using var matrix = optim.AdamW([theirs.weight!], lr: 0.01, beta1: 0.5, beta2: 0.9, weight_decay: weightDecay);
        using var bias = optim.AdamW([theirs.bias!], lr: 0.01, beta1: 0.5, beta2: 0.9, weight_decay: 0);
        var start = ours.weight!.detach().clone();
        for (var step = 0; step < 20; step++)
        {
            parameters.ClearGradients();
            theirs.zero_grad();
            foreach (var network in new[] { ours, theirs })
            {
                (network.call(input) - target).pow(2).sum().backward();
            }

            adam.Step(step, 0.01);
            matrix.step();
            bias.step();
        }

        Golden.AssertClose(theirs.weight!, ours.weight!, 1e-5);
        Golden.AssertClose(theirs.bias!, ours.bias!, 1e-5);
        Assert.True((ours.weight! - start).abs().max().item<float>() > 0.03);
    }

    [Fact]
    public void Its_first_step_is_the_learning_rate_against_the_gradients_sign()
    {
        using var network = nn.Linear(2, 1, hasBias: false);
        var parameters = new FlatParameters(network);
        var start = network.weight!.detach().clone();
        network.call(tensor(new[] { 3f, -0.001f })).sum().backward();
        new Adam(parameters, 0.9, 0.999).Step(0, 0.1);
        Golden.AssertClose(start + tensor(new[] { -0.1f, 0.1f }), network.weight!, 1e-5);
    }
}
