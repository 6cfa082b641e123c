using LiteVae.Tests;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Losses;

public sealed class PerceptualMemoryTests(FormulaWeights weights) : TorchTest
{
    private static long Live => TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Lpips_leaves_one_tensor_a_call_and_none_once_disposed(bool backward)
    {
        using var folder = new TemporaryFolder();
        SafetensorsWriter.Write(folder.At("heads"), [.. FormulaWeights.Heads("", 64, 128, 256, 384, 384, 512, 512)]);
        var (a, b) = (FormulaWeights.Image("image_a"), FormulaWeights.Image("image_b").requires_grad_(backward));
        AssertOwns(() => Lpips.Load(weights.FileOf("squeezenet1_1"), folder.At("heads"), CPU), lpips => lpips.Distances(a, b), backward);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_loss_of_VGG_features_leaves_one_tensor_a_call_and_none_once_disposed(bool backward)
    {
        var (x, y) = (FormulaWeights.Image("image_a"), FormulaWeights.Image("image_b").requires_grad_(backward));
        AssertOwns(() => VggFeatureLoss.Load(weights.FileOf("vgg16"), CPU), vgg => vgg.Compute(x, y), backward);
    }

    /// <summary>Loads inside a scope that ends, as a caller may, and computes outside any.</summary>
    private static void AssertOwns<T>(Func<T> load, Func<T, Tensor> compute, bool backward)
        where T : IDisposable
    {
        var before = Live;
        T loss;
        using (NewDisposeScope())
        {
            loss = load();
        }

        var loaded = Live;
        for (var i = 1; i <= 2; i++)
        {
            var value = compute(loss);
            Assert.Equal(loaded + 1, Live);
            if (backward)
            {
                using var sum = value.sum();
                sum.backward();
            }

            value.Dispose();
            Assert.Equal(loaded, Live);
        }

        loss.Dispose();
        Assert.Equal(before, Live);
    }
}
