using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Losses;

public sealed class VggFeatureLossTests(FormulaWeights weights) : TorchTest
{
    [Theory]
    [InlineData("vgg16", ScalarType.Float64, 1e-6)]
    [InlineData("vgg16", ScalarType.Float32, 1e-4)]
    [InlineData("vgg19", ScalarType.Float64, 1e-6)]
    [InlineData("vgg19", ScalarType.Float32, 1e-4)]
    public void It_gives_PyTorchs_loss_and_gradient(string model, ScalarType type, double tolerance)
    {
        using var vgg = VggFeatureLoss.Load(weights.FileOf(model), CPU, type);
        var y = FormulaWeights.Image("image_b").to(type).requires_grad_();
        var loss = vgg.Compute(FormulaWeights.Image("image_a").to(type), y);
        loss.backward();
        Assert.Empty(loss.shape);
        Assert.Equal(FormulaWeights.Expected($"{model}.loss").item<float>(), loss.to(ScalarType.Float64).item<double>(), 2e-6);
        var expected = FormulaWeights.Expected($"{model}.gradient_b").to(type);
        Golden.AssertClose((expected / expected.abs().max()).to(ScalarType.Float32), (y.grad! / expected.abs().max()).to(ScalarType.Float32), tolerance);
    }

    [Fact]
    public void The_image_gets_no_gradient_and_only_a_reconstruction_that_asks_for_one_builds_a_graph()
    {
        using var vgg = VggFeatureLoss.Load(weights.FileOf("vgg16"), CPU);
        var (x, y) = (FormulaWeights.Image("image_a").requires_grad_(), FormulaWeights.Image("image_b"));
        Assert.False(vgg.Compute(x, y).requires_grad);
        Assert.True(is_grad_enabled());

        y.requires_grad_();
        vgg.Compute(x, y).backward();
        Assert.Null(x.grad);
        Assert.True(y.grad!.abs().sum().item<float>() > 0);
    }

    [Fact]
    public void It_is_0_for_equal_images()
    {
        using var vgg = VggFeatureLoss.Load(weights.FileOf("vgg16"), CPU);
        Assert.Equal(0, vgg.Compute(FormulaWeights.Image("image_a"), FormulaWeights.Image("image_a")).item<float>());
    }

    [Fact]
    public void Another_backbone_and_images_that_do_not_fit_are_refused()
    {
        var path = weights.FileOf("squeezenet1_1");
        var e = Assert.Throws<InvalidDataException>(() => VggFeatureLoss.Load(path, CPU));
        Assert.Contains($"{path}: these are the weights of SqueezeNet 1.1. The loss of VGG features needs the weights of torchvision's vgg16 or vgg19", e.Message, StringComparison.Ordinal);

        using var vgg = VggFeatureLoss.Load(weights.FileOf("vgg16"), CPU);
        Assert.Contains("are too small for VGG16, which needs 16 x 16", Refused(zeros([1, 3, 15, 16]), zeros([1, 3, 15, 16])), StringComparison.Ordinal);
        Assert.Contains("not [1, 3, 16, 16] with [1, 3, 16, 24]", Refused(zeros([1, 3, 16, 16]), zeros([1, 3, 16, 24])), StringComparison.Ordinal);

        string Refused(Tensor x, Tensor y) => Assert.Throws<ArgumentException>(() => vgg.Compute(x, y)).Message;
    }
}
