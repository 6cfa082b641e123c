using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Losses;

public sealed class AdversarialLossTests : TorchTest
{
    public static TheoryData<string> Kinds => [.. Enum.GetNames<AdversarialKind>()];

    [Theory]
    [InlineData(nameof(AdversarialKind.Hinge), "hinge")]
    [InlineData(nameof(AdversarialKind.Logistic), "logistic")]
    public void Both_players_agree_with_the_golden_values(string kindName, string goldenName)
    {
        var kind = Enum.Parse<AdversarialKind>(kindName);
        var (real, fake) = (Golden.Tensor("logits_real"), Golden.Tensor("logits_fake"));
        Assert.Equal(Golden.Value(goldenName + "_d"), AdversarialLoss.Discriminator([real], [fake], kind).item<float>(), 1e-6);
        Assert.Equal(Golden.Value(goldenName + "_g"), AdversarialLoss.Generator([fake], kind).item<float>(), 1e-6);
    }

    [Fact]
    public void Hinge_is_the_formula_worked_by_hand()
    {
        // real: max(0, 1 - 3) = 0 and max(0, 1 + 0.5) = 1.5; fake: max(0, 1 - 2) = 0 and max(0, 1 + 1) = 2
        var (real, fake) = (tensor([3f, -0.5f]), tensor([-2f, 1f]));
        Assert.Equal((0.75 + 1) / 2, AdversarialLoss.Discriminator([real], [fake], AdversarialKind.Hinge).item<float>(), 1e-6);
        Assert.Equal(0.5, AdversarialLoss.Generator([fake], AdversarialKind.Hinge).item<float>(), 1e-6);
    }

    [Fact]
    public void Logistic_is_the_cross_entropy_of_the_right_answers()
    {
        var (real, fake) = (tensor([3f, -0.5f]), tensor([-2f, 1f]));
        var realCost = (LogOnePlusExp(-3) + LogOnePlusExp(0.5)) / 2;
        var fakeCost = (LogOnePlusExp(-2) + LogOnePlusExp(1)) / 2;
        Assert.Equal((realCost + fakeCost) / 2, AdversarialLoss.Discriminator([real], [fake], AdversarialKind.Logistic).item<float>(), 1e-6);
        Assert.Equal((LogOnePlusExp(2) + LogOnePlusExp(-1)) / 2, AdversarialLoss.Generator([fake], AdversarialKind.Logistic).item<float>(), 1e-6);

        static double LogOnePlusExp(double x) => Math.Log(1 + Math.Exp(x));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_map_weighs_as_much_as_any_other_however_large(string kindName)
    {
        var kind = Enum.Parse<AdversarialKind>(kindName);
        Tensor[] real = [randn([2, 1]), randn([2, 1, 5, 7])];
        Tensor[] fake = [randn([2, 1]), randn([2, 1, 5, 7])];
        Assert.Equal(
            (Discriminator(0) + Discriminator(1)) / 2,
            AdversarialLoss.Discriminator(real, fake, kind).item<float>(),
            1e-6);
        Assert.Equal(
            (AdversarialLoss.Generator([fake[0]], kind).item<float>() + AdversarialLoss.Generator([fake[1]], kind).item<float>()) / 2,
            AdversarialLoss.Generator(fake, kind).item<float>(),
            1e-6);

        float Discriminator(int map) => AdversarialLoss.Discriminator([real[map]], [fake[map]], kind).item<float>();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Gradients_agree_with_differences(string kindName)
    {
        var kind = Enum.Parse<AdversarialKind>(kindName);
        var other = randn([2, 1, 3, 4], ScalarType.Float64);
        GradientCheck.AssertAgrees(real => AdversarialLoss.Discriminator([real], [other], kind), randn([2, 1, 3, 4]));
        GradientCheck.AssertAgrees(fake => AdversarialLoss.Discriminator([other], [fake], kind), randn([2, 1, 3, 4]));
        GradientCheck.AssertAgrees(fake => AdversarialLoss.Generator([fake], kind), randn([2, 1, 3, 4]));
    }

    [Fact]
    public void Extreme_logits_cost_what_they_should()
    {
        Assert.Equal(1000, AdversarialLoss.Discriminator([tensor([-1000f])], [tensor([1000f])], AdversarialKind.Logistic).item<float>(), 1e-3);
        Assert.Equal(0, AdversarialLoss.Discriminator([tensor([1000f])], [tensor([-1000f])], AdversarialKind.Logistic).item<float>(), 1e-6);
    }

    [Fact]
    public void Maps_that_do_not_pair_up_are_refused()
    {
        var map = zeros([1, 1]);
        var error = Assert.Throws<ArgumentException>(() => AdversarialLoss.Discriminator([map, map], [map], AdversarialKind.Hinge));
        Assert.Contains("got 2 and 1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_loss_owns_one_tensor_and_no_more(string kindName)
    {
        var kind = Enum.Parse<AdversarialKind>(kindName);
        Tensor[] maps = [randn([2, 1]), randn([2, 1, 5, 7])];
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        AdversarialLoss.Discriminator(maps, maps, kind).Dispose();
        AdversarialLoss.Generator(maps, kind).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
