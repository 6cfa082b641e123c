using System.Buffers.Binary;
using System.Text;

namespace LiteVae.Training.Tests.Import.PyTorch;

/// <summary>The oracle: pickles put together opcode by opcode, with none of our code.</summary>
internal static class PlainPickle
{
    public static byte[] Whole(params byte[][] parts) => [0x80, 2, .. Join(parts), (byte)'.'];

    public static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(part => part)];

    public static byte[] Op(string opcodes) => Encoding.Latin1.GetBytes(opcodes);

    public static byte[] Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return [(byte)'X', .. Int32(bytes.Length), .. bytes];
    }

    public static byte[] Number(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return [0x8a, 8, .. bytes];
    }

    public static byte[] Int32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    public static byte[] Global(string module, string name) => Op($"c{module}\n{name}\n");

    public static byte[] Tuple(params byte[][] items) => Join(Op("("), Join(items), Op("t"));

    public static byte[] Numbers(params long[] values) => Tuple([.. values.Select(Number)]);

    public static byte[] Call(byte[] function, params byte[][] arguments) => Join(function, Tuple(arguments), Op("R"));

    public static byte[] Dictionary(params (string Key, byte[] Value)[] items) =>
        Join(Op("}("), Join([.. items.Select(item => Join(Text(item.Key), item.Value))]), Op("u"));

    public static byte[] Storage(string type = "FloatStorage", string key = "0", long elements = 6) =>
        Join(Tuple(Text("storage"), Global("torch", type), Text(key), Text("cpu"), Number(elements)), Op("Q"));

    /// <summary>Six floats, [2, 3], unless told otherwise.</summary>
    public static byte[] Tensor(byte[]? storage = null, long offset = 0, long[]? shape = null, long[]? stride = null) => Call(
        Global("torch._utils", "_rebuild_tensor_v2"),
        storage ?? Storage(),
        Number(offset),
        Numbers(shape ?? [2, 3]),
        Numbers(stride ?? [3, 1]),
        Op("\u0089"),
        Call(Global("collections", "OrderedDict")));
}
