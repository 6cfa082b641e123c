using System.Buffers.Binary;
using System.Text.Unicode;

namespace LiteVae.Training;

/// <summary>Opcodes and their arguments, read from a pickle's bytes and never beyond them.</summary>
/// <param name="pickle">The pickle.</param>
/// <param name="refusals">Refuses what is cut short.</param>
internal ref struct PickleReader(ReadOnlySpan<byte> pickle, Refusals refusals)
{
    private readonly ReadOnlySpan<byte> _pickle = pickle;
    private readonly Refusals _refusals = refusals;

    /// <summary>Bytes read.</summary>
    public int Position { get; private set; }

    /// <summary>Bytes left.</summary>
    public readonly int Left => _pickle.Length - Position;

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ReadOnlySpan<byte> Take(uint length)
    {
        _refusals.Require(length <= (uint)Left, $"the pickle breaks off: at byte {Position} of data.pkl, {length} bytes are needed but only {Left} follow");
        var bytes = _pickle.Slice(Position, (int)length);
        Position += (int)length;
        return bytes;
    }

    /// <summary>The bytes of a text with its length in front.</summary>
    public ReadOnlySpan<byte> Text()
    {
        var at = Position;
        var text = Take(UInt32());
        _refusals.Require(Utf8.IsValid(text), $"the text at byte {at} of data.pkl is not valid UTF-8");
        return text;
    }

    /// <summary>The bytes of a text up to the end of its line.</summary>
    public ReadOnlySpan<byte> Line()
    {
        var length = _pickle[Position..].IndexOf((byte)'\n');
        _refusals.Require(length >= 0, $"the pickle breaks off: the line at byte {Position} of data.pkl has no end");
        return Take((uint)length + 1)[..^1];
    }

    /// <summary>A little-endian two's complement integer with its length of one byte in front, or null where it has more than 64 bits.</summary>
    public long? Long1()
    {
        var bytes = Take(Byte());
        if (bytes.Length > sizeof(long))
        {
            return null;
        }

        var value = bytes.IsEmpty ? 0L : (sbyte)bytes[^1];
        for (var i = bytes.Length - 2; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }

        return value;
    }
}
