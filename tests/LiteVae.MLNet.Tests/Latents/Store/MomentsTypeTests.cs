namespace LiteVae.Tests.Latents.Store;

public sealed class MomentsTypeTests
{
    [Fact]
    public void Every_brain_float_is_the_nearest_of_all_that_there_are()
    {
        // the plain way: among all 65,536, the nearest; of two as near, the one with the even last bit
        var all = Enumerable.Range(0, 1 << 16).Select(i => BitConverter.UInt32BitsToSingle((uint)i << 16)).Where(float.IsFinite).Order().Distinct().ToArray();
        var random = new Random(1);
        float[] values = [0, 1, 1.00390625f, 1.01171875f, -1.00390625f, 1e-40f, .. Enumerable.Range(0, 2000).Select(_ => (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-30, 30))))];
        var rounded = values.ToArray();
        var bytes = new byte[2 * values.Length];
        Assert.Equal(-1, MomentsType.Round(rounded, SafetensorsType.BF16, bytes));
        for (var i = 0; i < values.Length; i++)
        {
            var place = Array.BinarySearch(all, values[i]) is var found && found >= 0 ? found : ~found;
            var (below, above) = (all[Math.Max(0, place - 1)], all[Math.Min(place, all.Length - 1)]);
            var nearest = Math.Abs((double)values[i] - below).CompareTo(Math.Abs((double)above - values[i])) switch
            {
                < 0 => below,
                > 0 => above,
                _ => (BitConverter.SingleToUInt32Bits(below) >> 16) % 2 == 0 ? below : above,
            };
            Assert.Equal(nearest, rounded[i]);
            Assert.Equal(BitConverter.SingleToUInt32Bits(rounded[i]) >> 16, BitConverter.ToUInt16(bytes, 2 * i));
        }
    }

    [Theory]
    [InlineData(SafetensorsType.F16, 65_519f, -1)]
    [InlineData(SafetensorsType.F16, 65_520f, 2)]
    [InlineData(SafetensorsType.F16, -70_000f, 2)]
    [InlineData(SafetensorsType.BF16, 70_000f, -1)]
    [InlineData(SafetensorsType.BF16, float.MaxValue, 2)]
    [InlineData(SafetensorsType.F32, float.MaxValue, -1)]
    [InlineData(SafetensorsType.F32, float.NaN, 2)]
    [InlineData(SafetensorsType.F16, float.NaN, 2)]
    [InlineData(SafetensorsType.BF16, float.NegativeInfinity, 2)]
    public void The_first_value_that_does_not_fit_is_found(SafetensorsType type, float value, int index) =>
        Assert.Equal(index, MomentsType.Round(new[] { 0, 1, value, value }, type, new byte[16]));

    [Fact]
    public void A_NaN_stays_one_in_every_type()
    {
        float[] values = [BitConverter.UInt32BitsToSingle(0x7F800001)];
        Assert.Equal(0, MomentsType.Round(values, SafetensorsType.BF16, new byte[2]));
        Assert.True(float.IsNaN(values[0]));
    }
}
