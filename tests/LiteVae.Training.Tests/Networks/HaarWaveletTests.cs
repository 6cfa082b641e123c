using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Networks;

public sealed class HaarWaveletTests : TorchTest
{
    [Fact]
    public void An_8x8_example_worked_by_hand_agrees()
    {
        // x[r, c] = 10 r + c. In every 2x2 block a = x, b = x + 1, c = x + 10, d = x + 11, so with (a + b + c + d) / 2 and its signs:
        // LL = 2 x + 11, H (upper minus lower row) = -10, V (left minus right column) = -1, D = 0.
        var x = tensor(Enumerable.Range(0, 64).Select(i => (10f * (i / 8)) + (i % 8)).ToArray(), [1, 1, 8, 8]);
        var bands = HaarWavelet.Forward(x);

        Assert.Equal([1, 4, 4, 4], bands.shape);
        for (var r = 0; r < 4; r++)
        {
            for (var c = 0; c < 4; c++)
            {
                Assert.Equal((2 * ((20 * r) + (2 * c))) + 11, bands[0, 0, r, c].item<float>(), 1e-4f);
                Assert.Equal(-10, bands[0, 1, r, c].item<float>(), 1e-4f);
                Assert.Equal(-1, bands[0, 2, r, c].item<float>(), 1e-4f);
                Assert.Equal(0, bands[0, 3, r, c].item<float>(), 1e-4f);
            }
        }
    }

    [Fact]
    public void Each_levels_low_band_is_the_block_mean()
    {
        var x = rand([2, 3, 32, 48]);
        var levels = HaarWavelet.Levels(x, 3);
        for (var l = 1; l <= 3; l++)
        {
            var mean = nn.functional.avg_pool2d(x, 1L << l, 1L << l);
            Golden.AssertClose(mean, levels[l - 1].narrow(1, 0, 3), 1e-6);
        }
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(8, 8)]
    [InlineData(62, 130)]
    public void The_inverse_gives_the_image_back(int height, int width)
    {
        var x = (rand([2, 3, height, width]) * 2) - 1;
        Golden.AssertClose(x, HaarWavelet.Inverse(HaarWavelet.Forward(x)), 1e-6);
    }

    [Fact]
    public void The_transform_keeps_the_energy()
    {
        var x = randn([1, 3, 16, 16]);
        Assert.Equal(x.square().sum().item<float>(), HaarWavelet.Forward(x).square().sum().item<float>(), 0.01f);
    }

    [Theory]
    [InlineData("haar1_x", 1)]
    [InlineData("haar2_x", 2)]
    [InlineData("haar3_x", 3)]
    public void The_levels_agree_with_golden_values(string name, int level) =>
        Golden.AssertClose(Golden.Tensor(name), HaarWavelet.Levels(Golden.Tensor("x"), 3)[level - 1], 1e-6);

    [Fact]
    public void Its_gradient_is_the_transposed_transform()
    {
        // orthonormal, so transposed = inverse: d/dx <Forward(x), w> = Inverse(w)
        var x = randn([1, 3, 8, 8], requires_grad: true);
        var w = randn([1, 12, 4, 4]);
        (HaarWavelet.Forward(x) * w).sum().backward();
        Golden.AssertClose(HaarWavelet.Inverse(w), x.grad!, 1e-5);
    }

    [Fact]
    public void An_odd_size_is_refused_with_the_shape()
    {
        var e = Assert.Throws<ArgumentException>(() => HaarWavelet.Forward(zeros([1, 3, 7, 8])));
        Assert.Contains("[1, 3, 7, 8]", e.Message, StringComparison.Ordinal);
    }
}
