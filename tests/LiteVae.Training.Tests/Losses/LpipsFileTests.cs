using LiteVae.Tests;
using LiteVae.Tests.Shared;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Losses;

public sealed class LpipsFileTests : TorchTest
{
    private static readonly List<SafetensorsTensor> Backbone = FormulaWeights.Tensors("squeezenet1_1");
    private static readonly List<SafetensorsTensor> Heads = [.. FormulaWeights.Heads("", 64, 128, 256, 384, 384, 512, 512)];

    private readonly TemporaryFolder _folder = new();

    public override void Dispose()
    {
        base.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("lin{0}.weight")]
    [InlineData("squeeze.lin{0}.weight")]
    [InlineData("lin{0}.model.1.weight")]
    public void Heads_may_be_spelled_in_three_ways_and_lie_in_either_file(string spelling)
    {
        List<SafetensorsTensor> spelled = [.. Heads.Select((head, i) => head with { Name = string.Format(null, spelling, i) })];
        using var one = Lpips.Load(File("one", [.. Backbone, .. spelled]), null, CPU);
        using var two = Lpips.Load(File("backbone", Backbone), File("heads", spelled), CPU);
        var (a, b) = (FormulaWeights.Image("image_a"), FormulaWeights.Image("image_b"));
        var expected = FormulaWeights.Expected("squeeze.layers").sum(1);
        Golden.AssertClose(expected, one.Distances(a, b), 1e-5);
        Golden.AssertClose(expected, two.Distances(a, b), 1e-5);
    }

    [Fact]
    public void The_published_heads_give_the_same_in_either_file()
    {
        var (backbone, heads) = (SharedData.PathOrSkip("data/weights/lpips/lpips_squeeze_v0.1.safetensors"), SharedData.PathOrSkip("data/weights/lpips/lpips_heads_v0.1.safetensors"));
        using var one = Lpips.Load(backbone, null, CPU);
        using var two = Lpips.Load(backbone, heads, CPU);
        var (a, b) = (FormulaWeights.Image("image_a"), FormulaWeights.Image("image_b"));
        Golden.AssertClose(one.Distances(a, b), two.Distances(a, b), 0);
    }

    [Fact]
    public void A_backbone_without_heads_asks_for_their_file()
    {
        var e = Refused(Backbone);
        Assert.Contains("LPIPS on SqueezeNet 1.1 needs 7 heads, but there is no 'lin0.weight', 'squeeze.lin0.weight' or 'lin0.model.1.weight'", e, StringComparison.Ordinal);
        Assert.Contains("Name the file that holds the heads of LPIPS v0.1 beside the backbone's, for example lpips_heads_v0.1.safetensors", e, StringComparison.Ordinal);
    }

    [Fact]
    public void Heads_of_another_net_are_refused()
    {
        var path = File("heads", [.. FormulaWeights.Heads("", 64, 128, 256, 512, 512)]); // VGG16's
        var e = Assert.Throws<InvalidDataException>(() => Lpips.Load(File("backbone", Backbone), path, CPU)).Message;
        Assert.Contains($"{path}: LPIPS on SqueezeNet 1.1 needs 7 heads, but there is no 'lin5.weight'", e, StringComparison.Ordinal);
        Assert.Contains("Name a file with the heads of LPIPS v0.1 for 'squeeze'", e, StringComparison.Ordinal);

        path = File("heads", [.. FormulaWeights.Heads("", 64, 128, 256, 512, 512, 512, 512)]);
        e = Assert.Throws<InvalidDataException>(() => Lpips.Load(File("backbone", Backbone), path, CPU)).Message;
        Assert.Contains($"{path}: the tensor 'lin3.weight' is [1, 512, 1, 1]; LPIPS on SqueezeNet 1.1 needs [1, 384, 1, 1]. Use the heads of LPIPS v0.1 for 'squeeze'", e, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_tensor_is_named()
    {
        var e = Refused([.. Backbone.Where(each => each.Name != "features.7.expand3x3.bias"), .. Heads]);
        Assert.Contains("most like those of SqueezeNet 1.1, but 1 tensor is missing ('features.7.expand3x3.bias')", e, StringComparison.Ordinal);
        Assert.Contains("torchvision's vgg16 or alexnet or squeezenet1_1", e, StringComparison.Ordinal);
    }

    [Fact]
    public void A_foreign_tensor_is_named_and_its_name_cannot_move_a_terminals_cursor()
    {
        var e = Refused([.. Backbone, .. Heads, SafetensorsTensor.FromFloats("decoder\u001b[2J", [1], [1])]);
        Assert.Contains("1 tensor is foreign to it ('decoder?[2J')", e, StringComparison.Ordinal);
    }

    [Fact]
    public void A_VGG_with_batch_normalisation_is_refused()
    {
        // torchvision's vgg16_bn: every convolution followed by a normalisation and a ReLU
        var names = new[] { 0, 3, 7, 10, 14, 17, 20, 24, 27, 30, 34, 37, 40 }
            .SelectMany(i => new[] { $"features.{i}.weight", $"features.{i}.bias", $"features.{i + 1}.weight", $"features.{i + 1}.bias", $"features.{i + 1}.running_mean" });
        var e = Refused([.. names.Select(name => SafetensorsTensor.FromFloats(name, [1], [1]))]);
        Assert.Contains("without batch normalisation", e, StringComparison.Ordinal);
        Assert.Contains("'features.1.running_mean'", e, StringComparison.Ordinal);
    }

    [Fact]
    public void A_backbone_that_LPIPS_has_no_heads_for_is_refused() =>
        Assert.Contains("these are the weights of VGG19. LPIPS needs", Refused([.. FormulaWeights.Names("vgg19").Select(each => SafetensorsTensor.FromFloats(each.Name, [1], [1]))]), StringComparison.Ordinal);

    [Fact]
    public void A_file_without_a_backbone_is_refused() => Assert.Contains("this file holds no backbone", Refused(Heads), StringComparison.Ordinal);

    [Fact]
    public void A_tensor_of_another_shape_is_named_with_both_shapes()
    {
        // SqueezeNet 1.0 has the same names, and 96 channels behind a 7x7 convolution.
        var other = Backbone.Select(each => each.Name == "features.0.weight" ? SafetensorsTensor.FromFloats(each.Name, [96, 3, 7, 7], new float[96 * 3 * 49]) : each);
        var e = Refused([.. other, .. Heads]);
        Assert.Contains("the tensor 'features.0.weight' is [96, 3, 7, 7]; SqueezeNet 1.1 needs [64, 3, 3, 3]. Use the weights of torchvision's squeezenet1_1", e, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("features.12.squeeze.bias", float.NaN)]
    [InlineData("lin3.weight", float.PositiveInfinity)]
    public void A_value_that_is_no_number_is_refused_with_its_place_and_nothing_is_left_behind(string name, float value)
    {
        var broken = Backbone.Concat(Heads).Select(each =>
        {
            var values = new float[each.Data.Length / sizeof(float)];
            values[5] = value;
            return each.Name == name ? SafetensorsTensor.FromFloats(each.Name, each.Shape, values) : each;
        });
        var before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Assert.Contains($"the tensor '{name}' is {value} at place 5", Refused([.. broken]), StringComparison.Ordinal);
        Assert.Equal(before, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_file_that_is_not_there_or_none_is_refused()
    {
        Assert.Contains(_folder.At("none"), Assert.Throws<FileNotFoundException>(() => Lpips.Load(_folder.At("none"), null, CPU)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Lpips.Load(" ", null, CPU));
    }

    private string File(string name, IReadOnlyList<SafetensorsTensor> tensors)
    {
        SafetensorsWriter.Write(_folder.At(name), tensors);
        return _folder.At(name);
    }

    private string Refused(IReadOnlyList<SafetensorsTensor> tensors)
    {
        var path = File("refused", tensors);
        var message = Assert.Throws<InvalidDataException>(() => Lpips.Load(path, null, CPU)).Message;
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        return message;
    }
}
