using System.Text;
using LiteVae.Tests;
using LiteVae.Tests.Shared;
using static LiteVae.Training.Tests.Import.PyTorch.PlainPickle;

namespace LiteVae.Training.Tests.Import.PyTorch;

public sealed class PyTorchMutationTests
{
    /// <summary>Signatures of zip files, opcodes of every protocol, and what pickles of tensors name.</summary>
    private static readonly byte[][] Words =
    [
        [0x50, 0x4b, 3, 4], [0x50, 0x4b, 1, 2], [0x50, 0x4b, 5, 6], [0x50, 0x4b, 6, 6], [0x50, 0x4b, 6, 7], [0x50, 0x4b, 7, 8], [8, 0], [0xFF, 0xFF, 0xFF, 0xFF],
        .. "../,archive/,data/,data.pkl,0,1,\\".Split(',').Select(Encoding.UTF8.GetBytes),
        .. "( . N ) ] } t a e s u R b Q h\0 q\0 h\u0001 j\0\0\0\0 r\0\0\0\0 0 1 2 i o \u0081 \u0085 \u0086 \u0087 \u0088 \u0089 \u0082\u0001 \u0093 \u0094 \u0097 \u008a\0 \u0080\u0004".Split(' ').Select(Op),
        Number(0), Number(-1), Number(long.MaxValue), Number(6), Text(""), Text("0"), Text("state_dict"), Global("os", "system"), Global("torch", "Size"), Global("torch", "LongStorage"),
        Global("torch", "FloatStorage"), Global("collections", "OrderedDict"), Global("torch._utils", "_rebuild_parameter"), Storage(), Tensor(), Numbers(2, 3), Numbers(0), Numbers(0, 0),
    ];

    [Fact]
    public void A_mutated_file_is_read_or_refused_and_nothing_else()
    {
        var pickle = Whole(Dictionary(
            ("epoch", Op("K\u0003")),
            ("state_dict", Dictionary(("a", Tensor()), ("b", Tensor(Storage("HalfStorage", "1", 4), 1, [1, 3], [7, 1])), ("c", Tensor(offset: 5, shape: [], stride: []))))));
        var half = new ZipItem("archive/data/1", [0, 0x3c, 0, 0x40, 0, 0x42, 0, 0x44]);
        var order = new ZipItem("archive/byteorder", "little"u8.ToArray());
        byte[] Zip(byte[] described) => PlainZip.File([PlainPyTorch.PickleItem with { Data = described }, order, PlainPyTorch.DataItem, half], new ZipTail { Zip64 = true });

        var files = new FileMutations(Zip(pickle), Words);
        var pickles = new FileMutations(pickle, Words);
        var real = new FileMutations(File.ReadAllBytes(Path.Combine(SharedData.Repository, "tests", "LiteVae.Training.Tests", "Import", "golden", "pytorch", "lightning.ckpt")), Words);

        // Two of four are of the pickle alone, in a zip file whose sizes and checksums are put right; one is of a file that PyTorch wrote.
        MutationRun.Check(
            "PyTorch",
            index => (index % 4) switch
            {
                0 => files.At(index / 4),
                1 => real.At(index / 4),
                _ => Zip(pickles.At((index + 1) / 2)),
            },
            PlainPyTorch.ReadAll);
    }
}
