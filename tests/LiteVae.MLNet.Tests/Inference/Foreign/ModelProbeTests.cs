using Google.Protobuf;
using LiteVae.Formats.Onnx;

namespace LiteVae.Tests.Inference.Foreign;

/// <summary>Graphs of a few bytes that want much of the machine.</summary>
public sealed class ModelProbeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ModelProbeTests()
    {
        TinyModels.Write(_folder.Root);
        File.Delete(_folder.At("config.json"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Memory_is_bounded_by_the_size_of_the_file()
    {
        // 25 million numbers, 100 MB, from a shape
        Write([25_000_000], new Node { OpType = "Identity", Input = { "made" }, Output = { "last" } });
        var error = Assert.Throws<InvalidDataException>(() => LiteVaeModel.Load(_folder.Root));
        Assert.Contains("does not run on an input of [1, 3, 64, 128]", error.Message);
        Assert.Contains("smaller than requested bytes of 100000000", error.Message);
    }

    [Fact]
    public void Time_is_bounded()
    {
        // 400 products of two matrices of 1,000 x 1,000: half an hour for a slow machine, ten seconds for a fast one
        Write([1000, 1000], [.. Enumerable.Range(0, 400).Select(i => new Node { OpType = "MatMul", Input = { i == 0 ? "made" : $"m{i - 1}", "made" }, Output = { i == 399 ? "last" : $"m{i}" } })]);
        using var probe = new ModelProbe(OnnxModelFile.Read(TinyModels.EncoderPath(_folder.Root)), TimeSpan.FromMilliseconds(50));
        Assert.Contains("it took more than 50 ms", Assert.Throws<InvalidDataException>(() => probe.Run(3, 64, 128)).Message);
    }

    [Fact]
    public void A_limit_holds_for_its_own_session_only()
    {
        Write([10_000_000], new Node { OpType = "Identity", Input = { "made" }, Output = { "last" } });
        var small = OnnxModelFile.Read(TinyModels.EncoderPath(_folder.Root));
        using var first = new ModelProbe(small, TimeSpan.FromMinutes(1));
        using (new ModelProbe(OnnxModelFile.Read(TinyModels.DecoderPath(_folder.Root)), TimeSpan.FromMinutes(1)))
        {
        }

        Assert.Equal((4, 8, 16), first.Run(3, 64, 128));
    }

    /// <summary>An encoder to which something is added that does not depend on the image: its largest value, of what nodes make of ones of a shape.</summary>
    private void Write(long[] shape, params Node[] nodes)
    {
        var encoder = TinyModels.Encoder();
        encoder.Graph.Initializer.Add(new Tensor { Name = "shape", DataType = 7, Dims = { shape.Length }, Int64Data = { shape } });
        encoder.Graph.Node[^1].Output[0] = "moments";
        encoder.Graph.Node.Add(new Node { OpType = "ConstantOfShape", Input = { "shape" }, Output = { "made" } });
        encoder.Graph.Node.Add(nodes);
        encoder.Graph.Node.Add(new Node { OpType = "ReduceMax", Input = { "last" }, Output = { "most" } });
        encoder.Graph.Node.Add(new Node { OpType = "Reshape", Input = { "most", "one" }, Output = { "number" } });
        encoder.Graph.Initializer.Add(new Tensor { Name = "one", DataType = 7, Dims = { 1 }, Int64Data = { 1 } });
        encoder.Graph.Node.Add(new Node { OpType = "Add", Input = { "moments", "number" }, Output = { "latent_parameters" } });
        File.WriteAllBytes(TinyModels.EncoderPath(_folder.Root), encoder.ToByteArray());
    }
}
