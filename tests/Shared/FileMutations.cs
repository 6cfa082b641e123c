using System.Buffers.Binary;

namespace LiteVae.Tests;

/// <summary>
/// Damaged versions of a valid file: the n-th is the same on every machine and in every run. One to four edits each: bytes and bits changed,
/// the end cut off, ranges removed, inserted, doubled or swapped, integers made extreme, and words of the format put in the wrong place.
/// </summary>
/// <param name="valid">The file.</param>
/// <param name="words">What means something to readers of the format: punctuation, opcodes, signatures.</param>
internal sealed class FileMutations(byte[] valid, params byte[][] words)
{
    /// <summary>How many mutations a test tries: <c>LITEVAE_MUTATIONS</c>, or 10,000.</summary>
    public static int Count { get; } = int.TryParse(Environment.GetEnvironmentVariable("LITEVAE_MUTATIONS"), out var count) ? count : 10_000;

    /// <summary>The mutation of this number, from 0.</summary>
    public byte[] At(int index)
    {
        var draw = new Draws((ulong)index);
        var file = valid.ToList();
        for (var edits = 1 + draw.Below(2) * draw.Below(4); edits > 0; edits--)
        {
            Edit(file, draw);
        }

        return [.. file];
    }

    private void Edit(List<byte> file, Draws draw)
    {
        var at = draw.Below(file.Count + 1);
        var rest = file.Count - at;
        var length = Math.Min(rest, 1 + draw.Below(draw.Below(4) == 0 ? 64 : 8));
        var range = file.GetRange(at, length);
        switch (draw.Below(12))
        {
            case 0 or 1:
                Overwrite(file, at, [(byte)draw.Below(256)]);
                break;
            case 2 or 3:
                Overwrite(file, at, rest > 0 ? [(byte)(file[at] ^ (1 << draw.Below(8)))] : []);
                break;
            case 4:
                file.RemoveRange(at, draw.Below(4) == 0 ? rest : length);
                break;
            case 5:
                file.InsertRange(at, draw.Bytes(1 + draw.Below(16)));
                break;
            case 6:
                file.InsertRange(at, range);
                break;
            case 7:
                file.RemoveRange(at, length);
                file.InsertRange(draw.Below(file.Count + 1), range);
                break;
            case 8 or 9:
                Overwrite(file, at, Extreme(file.Count, draw));
                break;
            case 10:
                Overwrite(file, at, Word(draw));
                break;
            default:
                file.InsertRange(at, Word(draw));
                break;
        }
    }

    private byte[] Word(Draws draw) => words.Length == 0 ? [] : words[draw.Below(words.Length)];

    /// <summary>A little-endian integer of 1 to 8 bytes that a careless reader overflows on.</summary>
    private static byte[] Extreme(int fileLength, Draws draw)
    {
        long[] values = [0, 1, -1, long.MaxValue, long.MinValue, int.MaxValue, int.MinValue, uint.MaxValue, ushort.MaxValue, fileLength - 1, fileLength, fileLength + 1];
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, values[draw.Below(values.Length)]);
        return bytes[..(1 << draw.Below(4))];
    }

    private static void Overwrite(List<byte> file, int at, byte[] bytes)
    {
        for (var i = 0; i < bytes.Length && at + i < file.Count; i++)
        {
            file[at + i] = bytes[i];
        }
    }

    /// <summary>Numbers that depend on the seed alone: SplitMix64.</summary>
    private sealed class Draws(ulong seed)
    {
        private ulong _state = seed * 0xD1342543DE82EF95;

        public int Below(int bound)
        {
            var z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return (int)((z ^ (z >> 31)) % (uint)bound);
        }

        public byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(_ => (byte)Below(256))];
    }
}
