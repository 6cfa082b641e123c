using System.Globalization;
using LiteVae.Tests;
using LiteVae.Tests.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Evaluation;

public sealed class InceptionV3Tests(FormulaInception weights) : TorchTest, IClassFixture<FormulaInception>
{
    [Theory]
    [InlineData(299, 299)]
    [InlineData(40, 64)]
    [InlineData(400, 330)]
    public void Features_are_those_of_torchvisions_blocks_with_FIDs_pooling(int height, int width)
    {
        var golden = File.ReadLines(Path.Combine(SharedData.Repository, "tests/LiteVae.Training.Tests/Evaluation/golden/inception.csv"))
            .Skip(1).Select(line => line.Split(',')).Where(cells => cells[0] == $"{height}" && cells[1] == $"{width}").ToList();
        Assert.Equal(64, golden.Count);

        using var network = InceptionV3.Load(weights.Path, CPU);
        var features = network.Run(Tensor(FormulaInception.Image(height, width)));

        Assert.Equal([1, 2048], features.shape);
        var values = features.data<float>().ToArray();
        Assert.All(golden, cells =>
        {
            // Two ways to add up in single precision, through 94 layers; the features go up to 30.
            var expected = double.Parse(cells[3], CultureInfo.InvariantCulture);
            Assert.Equal(expected, values[int.Parse(cells[2], CultureInfo.InvariantCulture)], 1e-3 + (1e-4 * expected));
        });
    }

    [Fact]
    public void It_leaves_no_tensor_behind()
    {
        var image = Tensor(FormulaInception.Image(40, 64));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var network = InceptionV3.Load(weights.Path, CPU))
        {
            network.Run(image).Dispose();
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_missing_a_misshapen_and_a_foreign_tensor_are_named_with_the_file()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("other.safetensors");
        SafetensorsWriter.Write(path, [Zeros("Conv2d_1a_3x3.conv.weight", 32, 3, 3, 5), Zeros("encoder.conv_in.weight", 8)]);

        var message = Assert.Throws<InvalidDataException>(() => InceptionV3.Load(path, CPU)).Message;
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains("'Conv2d_1a_3x3.conv.weight' is [32, 3, 3, 5] and should be [32, 3, 3, 3]", message, StringComparison.Ordinal);
        Assert.Contains("469 tensors are missing: 'Conv2d_1a_3x3.bn.weight'", message, StringComparison.Ordinal); // 94 convolutions of 5 tensors, but one
        Assert.Contains("1 tensors are foreign: 'encoder.conv_in.weight'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Torchvisions_own_weights_are_refused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("torchvision.safetensors");
        SafetensorsWriter.Write(path, [Zeros("fc.bias", 1000), Zeros("AuxLogits.conv0.conv.weight", 1)]);
        var message = Assert.Throws<InvalidDataException>(() => InceptionV3.Load(path, CPU)).Message;
        Assert.Contains("'fc.bias' is [1000] and should be [1008]", message, StringComparison.Ordinal);
        Assert.Contains("foreign: 'AuxLogits.conv0.conv.weight'", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Mixed_6b.branch7x7_2.conv.weight", float.NaN)]
    [InlineData("Mixed_7c.branch_pool.bn.running_var", -1f)]
    public void Broken_numbers_are_named_and_leave_no_tensor_behind(string name, float value)
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("broken.safetensors");
        SafetensorsWriter.Write(path, [.. FormulaInception.Tensors().Select(tensor => tensor.Name == name ? With(tensor, 3, value) : tensor)]);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        var message = Assert.Throws<InvalidDataException>(() => InceptionV3.Load(path, CPU)).Message;

        Assert.Contains($"{path}: the tensor '{name}' is {value} at place 3", message, StringComparison.Ordinal);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static SafetensorsTensor Zeros(string name, params long[] shape) => SafetensorsTensor.FromFloats(name, shape, new float[shape.Aggregate((a, b) => a * b)]);

    private static SafetensorsTensor With(SafetensorsTensor tensor, int place, float value)
    {
        var data = tensor.Data.ToArray();
        BitConverter.TryWriteBytes(data.AsSpan(place * sizeof(float)), value);
        return tensor with { Data = data };
    }

    private static Tensor Tensor(RgbImage image)
    {
        var pixels = new PixelTensor(1, image.Height, image.Width);
        pixels.Set(0, image);
        return tensor(pixels.Data, [1, 3, image.Height, image.Width]);
    }
}
