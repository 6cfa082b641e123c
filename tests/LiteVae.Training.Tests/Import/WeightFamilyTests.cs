using LiteVae.Tests;

namespace LiteVae.Training.Tests.Import;

/// <summary>How weights are found and recognised.</summary>
public sealed class WeightFamilyTests : TorchTest
{
    private readonly TemporaryFolder _folder = new();

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    [Theory]
    [InlineData("first_stage_model.")]
    [InlineData("module.model.")]
    public void Weights_under_one_prefix_are_read_without_it(string prefix)
    {
        var tensors = Under(prefix, WeightFiles.Of(WeightFiles.TinyOpenLiteVae));
        using var model = WeightImporter.Import(Write([.. tensors, Zeros("encoder.stranger.weight")]));
        Assert.Equal(tensors.Count, model.Tensors);
        Assert.Equal(["encoder.stranger.weight"], model.LeftOut);
    }

    [Fact]
    public void Weights_under_no_prefix_come_before_an_average_of_them_under_one()
    {
        var tensors = WeightFiles.Of(WeightFiles.TinyOpenLiteVae);
        using var model = WeightImporter.Import(Write([.. tensors, .. Under("ema.", tensors)]));
        Assert.Equal((tensors.Count, tensors.Count), (model.Tensors, model.LeftOut.Count));
        Assert.All(model.LeftOut, name => Assert.StartsWith("ema.", name, StringComparison.Ordinal));
    }

    [Fact]
    public void Weights_under_several_prefixes_are_refused_with_all_of_them()
    {
        var tensors = WeightFiles.Of(WeightFiles.TinyOpenLiteVae);
        var message = Refused([.. Under("model.", tensors), .. Under("ema.", tensors)]);
        Assert.Contains("open-litevae under 'ema.', open-litevae under 'model.'", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("first_stage_model.")]
    public void The_names_of_the_original_code_are_known_and_refused_with_the_way_out(string prefix) =>
        Assert.Contains("vae/diffusion_pytorch_model.safetensors", Refused([Zeros($"{prefix}encoder.down.0.block.0.norm1.weight")]), StringComparison.Ordinal);

    [Fact]
    public void Names_that_could_move_a_cursor_are_shown_without_what_moves_it()
    {
        string[] names = ["\u001b[2J\u0007.x", "a\r\nlitevae: all is well"];
        Assert.DoesNotContain(Refused([.. names.Select(Zeros)]), char.IsControl);
        Assert.DoesNotContain(Refused([.. WeightFiles.Of(WeightFiles.TinyOpenLiteVae), .. names.Select(name => Zeros($"encoder.{name}"))]), char.IsControl);
    }

    [Fact]
    public void Weights_behind_a_link_are_those_that_it_leads_to()
    {
        Directory.CreateDirectory(_folder.At("blobs"));
        Directory.CreateDirectory(_folder.At("snapshot"));
        File.Move(Write(WeightFiles.Of(WeightFiles.TinyKL)), _folder.At("blobs/0123abc"));
        File.CreateSymbolicLink(_folder.At("snapshot/diffusion_pytorch_model.safetensors"), "../blobs/0123abc");
        using var model = WeightImporter.Import(_folder.At("snapshot"));
        Assert.Equal("AutoencoderKL", model.Format);
    }

    [Theory]
    [InlineData("vae/diffusion_pytorch_model.safetensors", "This is the folder of a whole pipeline: name ")]
    [InlineData("diffusion_pytorch_model.safetensors.index.json", "(shards) are not read")]
    [InlineData("other.safetensors", "Name the weight file itself")]
    public void A_folder_without_weights_says_what_to_name(string file, string hint)
    {
        _folder.Write(file, "x");
        Assert.Contains(hint, Assert.Throws<FileNotFoundException>(() => WeightImporter.Import(_folder.Root)).Message, StringComparison.Ordinal);
    }

    private static List<SafetensorsTensor> Under(string prefix, IEnumerable<SafetensorsTensor> tensors) =>
        [.. tensors.Select(tensor => SafetensorsTensor.FromFloats(prefix + tensor.Name, tensor.Shape, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tensor.Data.Span).ToArray()))];

    private static SafetensorsTensor Zeros(string name) => SafetensorsTensor.FromFloats(name, [1], [0]);

    private string Refused(IReadOnlyList<SafetensorsTensor> tensors)
    {
        var path = Write(tensors);
        return Assert.Throws<InvalidDataException>(() => WeightImporter.Import(path)).Message;
    }

    private string Write(IReadOnlyList<SafetensorsTensor> tensors)
    {
        var path = _folder.At("weights.safetensors");
        SafetensorsWriter.Write(path, tensors);
        return path;
    }
}
