using System.IO.Hashing;

namespace LiteVae.Training;

/// <summary>One stored entry of a zip file: its bytes stand in the file as they are.</summary>
/// <param name="name">Its path in the archive.</param>
/// <param name="headerOffset">Where its local header begins in the file.</param>
/// <param name="offset">Where its bytes begin in the file.</param>
/// <param name="length">How many there are.</param>
/// <param name="crc">Their CRC-32.</param>
internal sealed class ZipEntry(string name, long headerOffset, long offset, long length, uint crc)
{
    private const int ChunkBytes = 1 << 30;

    private bool _checked;

    public string Name => name;

    public long HeaderOffset => headerOffset;

    public long Offset => offset;

    public long Length => length;

    /// <summary>Computes the checksum of all the entry's bytes, the first time it is called.</summary>
    /// <exception cref="InvalidDataException">It is not the one that the archive states.</exception>
    public void RequireIntact(MappedFile file, Refusals refusals)
    {
        if (_checked)
        {
            return;
        }

        var computed = new Crc32();
        for (var done = 0L; done < length; done += ChunkBytes)
        {
            computed.Append(file.Bytes(offset + done, (int)Math.Min(ChunkBytes, length - done)));
        }

        var actual = computed.GetCurrentHashAsUInt32();
        refusals.Require(actual == crc, $"the bytes of '{name}' have the CRC-32 '{actual:x8}', but the archive states '{crc:x8}': they are damaged, or torch.serialization.set_crc32_options(False) left it out. Get the file anew, or save it with checksums");
        _checked = true;
    }
}
