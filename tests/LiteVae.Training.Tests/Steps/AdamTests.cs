using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Steps;

public sealed class AdamTests : TorchTest
{
    [Fact]
    public void It_takes_the_steps_of_TorchSharps_own()
    {
        var start = randn([5, 3]);
        var (ours, theirs) = (nn.Parameter(start.clone()), nn.Parameter(start.clone()));
        var target = randn([5, 3]);
        var adam = new Adam([ours], 0.5, 0.9);
        using var reference = optim.Adam([theirs], lr: 0.01, beta1: 0.5, beta2: 0.9);
        for (var step = 0; step < 20; step++)
        {
            foreach (var parameter in new[] { ours, theirs })
            {
                parameter.grad?.zero_();
                (parameter - target).pow(2).sum().backward();
            }

            adam.Step(step, 0.01);
            reference.step();
        }

        Golden.AssertClose(theirs, ours, 1e-5);
        Assert.True((ours - start).abs().min().item<float>() > 0.05);
    }

    [Fact]
    public void Its_first_step_is_the_learning_rate_against_the_gradients_sign()
    {
        var parameter = nn.Parameter(tensor(new[] { 1f, -2f }));
        (parameter * tensor(new[] { 3f, -0.001f })).sum().backward();
        new Adam([parameter], 0.9, 0.999).Step(0, 0.1);
        Golden.AssertClose(tensor(new[] { 0.9f, -1.9f }), parameter, 1e-5);
    }
}
