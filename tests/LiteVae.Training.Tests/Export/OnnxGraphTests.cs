namespace LiteVae.Training.Tests.Export;

public class OnnxGraphTests
{
    [Fact]
    public void A_node_that_reads_an_unknown_value_is_refused()
    {
        var graph = new OnnxGraph("g", "");
        var error = Assert.Throws<ArgumentException>(() => graph.Node("Sigmoid", "encoder.silu", ["encoder.stem"]));
        Assert.StartsWith("Node 'encoder.silu' reads 'encoder.stem', which no earlier node, input or initializer makes.", error.Message);
    }

    [Fact]
    public void Two_values_of_one_name_are_refused()
    {
        var graph = new OnnxGraph("g", "");
        graph.Input("x", "N");
        Assert.Contains("'x'", Assert.Throws<ArgumentException>(() => graph.Node("Sigmoid", "x", ["x"])).Message);
    }

    [Fact]
    public void Weights_that_do_not_fill_their_shape_are_refused()
    {
        var graph = new OnnxGraph("g", "");
        var error = Assert.Throws<ArgumentException>(() => graph.Weights("w", new float[5], 2, 3));
        Assert.StartsWith("Initializer 'w' of shape [2, 3] needs 6 values, got 5.", error.Message);
    }
}
