using LiteVae.Tests.Shared;

namespace LiteVae.Training.Tests.Import.PyTorch;

/// <summary>Files that torch.save itself wrote: see <c>golden/pytorch/make.py</c>.</summary>
public sealed class PyTorchFileTests
{
    [Theory]
    [InlineData("dtypes.pth", 12)]
    [InlineData("views.bin", 17)]
    [InlineData("module.pt", 8)]
    [InlineData("lightning.ckpt", 8)]
    public void Every_tensor_has_the_type_shape_and_values_that_PyTorch_gave_it(string name, int tensors)
    {
        using var file = WeightFile.Open(Golden(name));
        using var expected = SafetensorsReader.Open(Golden($"{Path.GetFileNameWithoutExtension(name)}.expected.safetensors"));
        Assert.Equal(tensors, file.Entries.Count);
        Assert.Equal(expected.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal), file.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal));
        foreach (var entry in file.Entries)
        {
            Assert.True(expected.TryGetEntry(entry.Name, out var wanted));
            Assert.Equal(wanted.Type, entry.Type);
            Assert.Equal(wanted.Shape, entry.Shape);
            if (entry.Type is SafetensorsType.F32 or SafetensorsType.F16 or SafetensorsType.BF16 or SafetensorsType.F64)
            {
                // As bits, so that signs of zeros and NaN count.
                Assert.Equal(expected.ReadFloats(entry.Name).Select(BitConverter.SingleToUInt32Bits), file.ReadFloats(entry.Name).Select(BitConverter.SingleToUInt32Bits));
            }
            else
            {
                var e = Assert.Throws<InvalidDataException>(() => file.ReadFloats(entry.Name));
                Assert.Contains($"'{entry.Name}' has elements of type", e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("refused.namespace.ckpt", "names the global 'argparse.Namespace'", "torch.save({k: v for k, v in m.items() if torch.is_tensor(v)}, 'weights.pth')")]
    [InlineData("refused.module.pth", "names the global 'torch.nn.modules.linear.Linear'", "torch.save({k: v for k, v in m.items() if torch.is_tensor(v)}, 'weights.pth')")]
    [InlineData("refused.complex.pth", "names 'torch.ComplexFloatStorage', a storage of elements that are not read", "FloatStorage, HalfStorage, BFloat16Storage")]
    [InlineData("refused.legacy.pth", "seems to be a bare pickle, as torch.save wrote before PyTorch 1.6", "torch.save(")]
    [InlineData("refused.protocol4.pth", "data.pkl is a pickle of protocol 4; only protocol 2", "Save the tensors by their names again")]
    [InlineData("refused.expanded.pth", "of shape [1000], stride [0] and offset 0 in the 1 elements of 'refused.expanded/data/0', has more elements than the storage", "clone()")]
    [InlineData("refused.nested.pth", "'model' is a dictionary of 8, not a tensor", "torch.save(torch.load('FILE', map_location='cpu', weights_only=False)['NAME'], 'weights.pth')")]
    [InlineData("refused.list.pth", "it holds a list; a dictionary of tensors by their names is needed", "Save the tensors by their names again")]
    [InlineData("refused.torchscript.pt", "shows that this is a TorchScript archive", "torch.jit.load('FILE', map_location='cpu').state_dict()")]
    public void What_PyTorch_writes_beside_tensors_is_refused_by_name_with_the_way_out(string name, string says, string wayOut)
    {
        var path = Golden(name);
        var e = Assert.Throws<InvalidDataException>(() => WeightFile.Open(path).Dispose());
        Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.Contains(wayOut, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_that_is_not_there_is_refused_with_names_alike()
    {
        using var file = WeightFile.Open(Golden("module.pt"));
        var e = Assert.Throws<InvalidDataException>(() => file.ReadFloats("3.running_var"));
        Assert.Contains("there is no tensor '3.running_var' among its 8; it has, for example, '1.running_var'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_Lightning_checkpoint_gives_the_network_that_its_safetensors_give()
    {
        using var expected = SafetensorsReader.Open(SharedData.PathOrSkip("fixtures/open-litevae/tiny-f8c4-quant.safetensors"));
        using var file = WeightFile.Open(SharedData.PathOrSkip("fixtures/open-litevae/tiny-f8c4-quant.ckpt"));
        Assert.Equal(expected.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal), file.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal));
        Assert.All(file.Entries, entry => Assert.Equal(expected.ReadFloats(entry.Name), file.ReadFloats(entry.Name)));
    }

    private static string Golden(string name) => Path.Combine(SharedData.Repository, "tests", "LiteVae.Training.Tests", "Import", "golden", "pytorch", name);
}
