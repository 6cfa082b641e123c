using static LiteVae.Training.Tests.Import.PyTorch.PlainPickle;

namespace LiteVae.Training.Tests.Import.PyTorch;

/// <summary>The oracle: files as torch.save lays them out, with none of our code.</summary>
internal static class PlainPyTorch
{
    /// <summary>Six floats.</summary>
    public static readonly byte[] Elements = [.. new[] { 0f, 1.5f, -2, 3, 4, 5 }.SelectMany(BitConverter.GetBytes)];

    /// <summary>A dictionary with one tensor, 'a' [2, 3].</summary>
    public static readonly byte[] Pickle = Whole(Dictionary(("a", Tensor())));

    public static readonly ZipItem PickleItem = new("archive/data.pkl", Pickle);

    public static readonly ZipItem DataItem = new("archive/data/0", Elements);

    public static readonly ZipItem VersionItem = new("archive/version", "3\n"u8.ToArray());

    /// <summary>A file around a pickle, with the storage '0' of six floats.</summary>
    public static byte[] Around(byte[] pickle) => PlainZip.File([PickleItem with { Data = pickle }, DataItem, VersionItem]);

    /// <summary>Fails unless a file was refused with these words, in a message fit for a terminal; prints the message without the file's path.</summary>
    public static void AssertRefused(string kind, string? refusal, string says, string path)
    {
        Assert.Contains(says, refusal, StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: {refusal![path.Length..]}");
        Assert.DoesNotContain(refusal!, char.IsControl);
        Assert.InRange(refusal!.Length, 1, 2500);
    }

    /// <summary>Opens a file and reads every tensor of floats; allocates nothing of its own, since memory is measured around it.</summary>
    public static void ReadAll(string path)
    {
        using var file = WeightFile.Open(path);
        for (var i = 0; i < file.Entries.Count; i++)
        {
            var entry = file.Entries[i];
            var count = 1L;
            for (var axis = 0; axis < entry.Shape.Count; axis++)
            {
                count *= entry.Shape[axis];
            }

            if (entry.Type is SafetensorsType.F32 or SafetensorsType.F16 or SafetensorsType.BF16 or SafetensorsType.F64 && file.ReadFloats(entry.Name).Length != count)
            {
                Assert.Fail($"'{entry.Name}' does not give the {count} values of its shape.");
            }
        }
    }
}
