using System.Text.Json;
using LiteVae.Tests;
using LiteVae.Tests.Shared;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Losses;

public sealed class LpipsTests(FormulaWeights weights) : TorchTest
{
    private const string PublishedSqueeze = "data/weights/lpips/lpips_squeeze_v0.1.safetensors";

    [Fact]
    public void The_published_SqueezeNet_gives_PyTorchs_distances_of_pictures_layer_by_layer()
    {
        using var lpips = Lpips.Load(SharedData.PathOrSkip(PublishedSqueeze), null, CPU);
        Assert.Equal("squeeze", lpips.Name);
        using var reference = JsonDocument.Parse(File.ReadAllText(SharedData.PathOrSkip("data/weights/reference/lpips_squeeze_reference.json")));
        var cases = reference.RootElement.GetProperty("cases").EnumerateArray().ToList();
        Assert.Equal(9, cases.Count);
        foreach (var each in cases)
        {
            using var scope = NewDisposeScope();
            var layers = lpips.LayerDistances(Picture("a"), Picture("b"));
            var expected = each.GetProperty("per_layer").EnumerateArray().Select(value => value.GetSingle()).ToArray();
            Golden.AssertClose(tensor(expected, [1, expected.Length]), layers, 2e-6);
            Assert.Equal(each.GetProperty("lpips_squeeze").GetDouble(), lpips.Distances(Picture("a"), Picture("b")).item<float>(), 5e-6);

            Tensor Picture(string which) => each.GetProperty(which).GetString()!.Split('(')[0] switch
            {
                "sin" => Wave(i => Math.Sin(0.01 * i)), // the one case of formulas
                "cos" => Wave(i => Math.Cos(0.013 * i)),
                var name => Pixels(ImageDecoder.Decode(SharedData.PathOrSkip($"data/weights/reference/{name}"))),
            };
        }
    }

    [Theory]
    [InlineData("vgg", "vgg16", ScalarType.Float64, 1e-7)]
    [InlineData("vgg", "vgg16", ScalarType.Float32, 1e-5)]
    [InlineData("alex", "alexnet", ScalarType.Float64, 1e-7)]
    [InlineData("alex", "alexnet", ScalarType.Float32, 1e-5)]
    [InlineData("squeeze", "squeezenet1_1", ScalarType.Float64, 1e-7)]
    [InlineData("squeeze", "squeezenet1_1", ScalarType.Float32, 1e-5)]
    public void Every_backbone_gives_PyTorchs_distances_and_gradients(string net, string model, ScalarType type, double tolerance)
    {
        using var lpips = Load(net, model, type);
        Assert.Equal(net, lpips.Name);
        var (a, b) = (FormulaWeights.Image("image_a").to(type).requires_grad_(), FormulaWeights.Image("image_b").to(type).requires_grad_());
        var layers = lpips.LayerDistances(a, b);
        var distances = lpips.Distances(a, b);
        (distances * tensor([1.0, 2.0], dtype: type)).sum().backward();

        AssertNear($"{net}.layers", layers, tolerance);
        Golden.AssertClose(FormulaWeights.Expected($"{net}.layers").sum(1), distances.to(ScalarType.Float32), 1e-5);
        AssertNear($"{net}.gradient_b", b.grad!, 10 * tolerance);
        if (net == "squeeze")
        {
            AssertNear("squeeze.gradient_a", a.grad!, 10 * tolerance);
        }
    }

    [Fact]
    public void Its_gradient_is_the_slope_of_its_value()
    {
        // In double precision, along a random direction; the step is so small that no ReLU or maximum switches within it.
        using var lpips = Load("squeeze", "squeezenet1_1", ScalarType.Float64);
        var (a, b) = (FormulaWeights.Image("image_a").to(ScalarType.Float64), FormulaWeights.Image("image_b").to(ScalarType.Float64).requires_grad_());
        var direction = randn(b.shape, dtype: ScalarType.Float64);
        lpips.Distances(a, b).sum().backward();
        var slope = (Value(1e-8) - Value(-1e-8)) / 2e-8;
        Assert.Equal((b.grad! * direction).sum().item<double>(), slope, Math.Abs(slope) * 1e-5);

        double Value(double step) => lpips.Distances(a, b.detach() + (direction * step)).sum().item<double>();
    }

    [Fact]
    public void It_is_0_for_equal_images_and_the_same_both_ways()
    {
        using var lpips = Load("squeeze", "squeezenet1_1");
        var (a, b) = (FormulaWeights.Image("image_a"), FormulaWeights.Image("image_b"));
        Golden.AssertClose(zeros(2), lpips.Distances(a, a), 0);
        Golden.AssertClose(lpips.Distances(a, b), lpips.Distances(b, a), 1e-6);
    }

    [Fact]
    public void Features_that_are_all_0_have_a_gradient_that_is_a_number()
    {
        // with biases of -100 no ReLU lets anything through, so every feature vector has length 0
        using var folder = new TemporaryFolder();
        var dead = FormulaWeights.Tensors("squeezenet1_1").Select(each => each.Shape.Count == 4 ? each
            : SafetensorsTensor.FromFloats(each.Name, each.Shape, Enumerable.Repeat(-100f, (int)each.Shape[0]).ToArray()));
        SafetensorsWriter.Write(folder.At("dead"), [.. dead, .. FormulaWeights.Heads("", SqueezeChannels)]);
        using var lpips = Lpips.Load(folder.At("dead"), null, CPU);
        var b = FormulaWeights.Image("image_b").requires_grad_();
        var distances = lpips.Distances(FormulaWeights.Image("image_a"), b);
        distances.sum().backward();
        Golden.AssertClose(zeros(2), distances, 0);
        Golden.AssertClose(zeros_like(b), b.grad!, 0);
    }

    [Fact]
    public void Images_that_ask_for_no_gradient_build_no_graph()
    {
        using var lpips = Load("squeeze", "squeezenet1_1");
        Assert.False(lpips.Distances(FormulaWeights.Image("image_a"), FormulaWeights.Image("image_b")).requires_grad);
    }

    [Fact]
    public void Half_precision_images_are_compared_in_the_weights_precision()
    {
        using var lpips = Load("squeeze", "squeezenet1_1");
        var (a, b) = (FormulaWeights.Image("image_a").to(ScalarType.BFloat16), FormulaWeights.Image("image_b").to(ScalarType.BFloat16));
        Golden.AssertClose(lpips.Distances(a.to(ScalarType.Float32), b.to(ScalarType.Float32)), lpips.Distances(a, b), 0);
    }

    [Fact]
    public void A_blurred_photo_is_farther_from_the_photo_than_a_slightly_blurred_one()
    {
        using var lpips = Lpips.Load(SharedData.PathOrSkip(PublishedSqueeze), null, CPU);
        var photo = Pixels(ImageDecoder.Decode(SharedData.PathOrSkip("data/eval/kodak/kodim23.png")));
        var (slight, strong) = (Blurred(3), Blurred(9));
        TestContext.Current.TestOutputHelper?.WriteLine($"kodim23, LPIPS (squeeze): box 3 {slight:F4}, box 9 {strong:F4}");
        Assert.True(slight > 0 && strong > slight);

        float Blurred(int box) => lpips.Distances(photo, nn.functional.avg_pool2d(photo, box, 1, box / 2, count_include_pad: false)).item<float>();
    }

    [Theory]
    [InlineData("vgg", "vgg16", 16)]
    [InlineData("alex", "alexnet", 31)]
    [InlineData("squeeze", "squeezenet1_1", 17)]
    public void Images_too_small_for_the_backbone_are_refused_and_the_smallest_are_not(string net, string model, int smallest)
    {
        using var lpips = Load(net, model);
        Assert.True(lpips.Distances(rand([1, 3, smallest, smallest + 9]), zeros([1, 3, smallest, smallest + 9])).item<float>() > 0);
        var e = Assert.Throws<ArgumentException>(() => lpips.Distances(zeros([1, 3, 40, smallest - 1]), zeros([1, 3, 40, smallest - 1])));
        Assert.Contains($"Images of {smallest - 1} x 40 are too small", e.Message, StringComparison.Ordinal);
        Assert.Contains($"needs {smallest} x {smallest} or more", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_that_cannot_be_compared_are_refused()
    {
        using var lpips = Load("squeeze", "squeezenet1_1");
        Assert.Contains("not [1, 3, 32, 32] with [2, 3, 32, 32]", Refused(zeros([1, 3, 32, 32]), zeros([2, 3, 32, 32])), StringComparison.Ordinal);
        Assert.Contains("got Float32 [1, 1, 32, 32]", Refused(zeros([1, 1, 32, 32]), zeros([1, 1, 32, 32])), StringComparison.Ordinal);
        Assert.Contains("got Byte [1, 3, 32, 32]", Refused(zeros([1, 3, 32, 32]), zeros([1, 3, 32, 32], dtype: ScalarType.Byte)), StringComparison.Ordinal);
        Assert.Contains("are on meta and the weights of SqueezeNet 1.1 on cpu", Refused(zeros([1, 3, 32, 32]), zeros([1, 3, 32, 32], device: META)), StringComparison.Ordinal);

        string Refused(Tensor a, Tensor b) => Assert.Throws<ArgumentException>(() => lpips.Distances(a, b)).Message;
    }

    private static readonly int[] SqueezeChannels = [64, 128, 256, 384, 384, 512, 512];

    private Lpips Load(string net, string model, ScalarType type = ScalarType.Float32)
    {
        using var folder = new TemporaryFolder();
        SafetensorsWriter.Write(folder.At("heads"),
        [
            .. FormulaWeights.Heads("vgg.", 64, 128, 256, 512, 512), .. FormulaWeights.Heads("alex.", 64, 192, 384, 256, 256), .. FormulaWeights.Heads("squeeze.", SqueezeChannels),
        ]);
        return Lpips.Load(weights.FileOf(model), folder.At("heads"), CPU, type);
    }

    private static Tensor Wave(Func<int, double> value) => tensor(Enumerable.Range(0, 3 * 64 * 64).Select(i => (float)value(i)).ToArray(), [1, 3, 64, 64]);

    private static Tensor Pixels(RgbImage image)
    {
        var pixels = new PixelTensor(1, image.Height, image.Width);
        pixels.Set(0, image);
        return tensor(pixels.Data, [1, 3, image.Height, image.Width]);
    }

    /// <summary>Compares with PyTorch's values, the tolerance a share of their greatest.</summary>
    private static void AssertNear(string name, Tensor actual, double tolerance)
    {
        var expected = FormulaWeights.Expected(name).to(actual.dtype);
        Assert.Equal(expected.shape, actual.shape);
        var error = ((actual - expected).abs().max() / expected.abs().max()).to(ScalarType.Float64).item<double>();
        Assert.True(error <= tolerance, $"{name}: relative error {error:0.0E+0}, allowed {tolerance:0.0E+0}");
    }
}
