using System.Buffers.Binary;

namespace LiteVae.Tests.Formats;

public sealed class FloatElementsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Every_half_is_widened_exactly(int stride)
    {
        const int Count = 65_536; // all there are
        var bytes = new byte[2 * stride * Count];
        for (var i = 0; i < Count; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * stride * i), (ushort)i);
        }

        var values = new float[Count];
        FloatElements.Read(bytes, SafetensorsType.F16, stride, values);
        Assert.Equal(Enumerable.Range(0, Count).Select(i => (float)BitConverter.UInt16BitsToHalf((ushort)i)), values);
    }
}
