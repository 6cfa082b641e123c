namespace LiteVae.Training.Tests.Losses.Perceptual;

public sealed class BackboneArchitectureTests
{
    public static TheoryData<string> Models => [.. BackboneArchitecture.All.Select(each => each.Model)];

    [Theory]
    [MemberData(nameof(Models))]
    public void Tensors_are_called_and_shaped_as_torchvisions(string model)
    {
        var expected = FormulaWeights.Names(model);
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Select(Text), BackboneArchitecture.All.Single(each => each.Model == model).Tensors.Select(Text));

        static string Text((string Name, long[] Shape) tensor) => $"{tensor.Name} [{string.Join(", ", tensor.Shape)}]";
    }

    [Theory]
    [InlineData(false, 3, 1)] // 3 of 3
    [InlineData(false, 4, 1)] // the last column is left out
    [InlineData(true, 4, 2)]  // and is not
    [InlineData(true, 2, 1)]
    [InlineData(false, 2, 0)]
    [InlineData(true, 1, 0)]
    [InlineData(false, 31, 15)]
    [InlineData(true, 32, 16)]
    public void Pooling_knows_its_output(bool ceiling, int side, int expected) => Assert.Equal(expected, new MaxPool(3, ceiling).OutputSide(side));
}
