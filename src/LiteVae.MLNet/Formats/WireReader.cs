namespace LiteVae;

/// <summary>Reads the fields of one Protobuf message in order, without copying anything. For files that are not trusted.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> message)
{
    public const int Varint = 0;
    public const int LengthDelimited = 2;
    private const int Fixed64 = 1;
    private const int Fixed32 = 5;
    private const int MaxVarintBytes = 10;

    private readonly ReadOnlySpan<byte> _message = message;

    /// <summary>Where the next field begins in the message.</summary>
    public int Position { get; private set; }

    /// <summary>Number of the field just read.</summary>
    public int Field { get; private set; }

    /// <summary>Wire type of the field just read.</summary>
    public int WireType { get; private set; }

    /// <summary>Where the field begins in the message, with its tag.</summary>
    public int FieldStart { get; private set; }

    /// <summary>Where the field's content begins in the message: behind its tag, and behind its length where it has one.</summary>
    public int ContentStart { get; private set; }

    /// <summary>The field's content.</summary>
    public readonly ReadOnlySpan<byte> Content => _message[ContentStart..Position];

    /// <summary>Goes to the next field; false at the end of the message.</summary>
    /// <exception cref="InvalidDataException">The bytes are no fields.</exception>
    public bool Read()
    {
        if (Position == _message.Length)
        {
            return false;
        }

        FieldStart = Position;
        var tag = ReadVarint();
        (Field, WireType) = ((int)(tag >> 3), (int)(tag & 7));
        if (tag > uint.MaxValue || Field is < 1 or > (1 << 29) - 1)
        {
            throw new InvalidDataException($"a field has the number {tag >> 3}.");
        }

        ContentStart = Position;
        switch (WireType)
        {
            case Varint:
                ReadVarint();
                break;
            case LengthDelimited:
                var length = ReadVarint();
                ContentStart = Position;
                Skip(length);
                break;
            case Fixed64:
                Skip(sizeof(ulong));
                break;
            case Fixed32:
                Skip(sizeof(uint));
                break;
            default:
                throw new InvalidDataException($"field {Field} is of the wire type {WireType}, which ONNX does not use.");
        }

        return true;
    }

    private ulong ReadVarint()
    {
        var value = 0UL;
        for (var i = 0; i < MaxVarintBytes && Position < _message.Length; i++)
        {
            var next = _message[Position++];
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("a number has no end.");
    }

    private void Skip(ulong length)
    {
        var left = _message.Length - Position;
        Position = length <= (ulong)left
            ? Position + (int)length
            : throw new InvalidDataException($"field {Field} wants {length} bytes where {left} are left.");
    }
}
