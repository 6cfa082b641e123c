using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Discriminators;

public sealed class SpectralConv2dTests : TorchTest
{
    [Theory]
    [InlineData(3, 8, 3)]
    [InlineData(8, 4, 1)]
    [InlineData(5, 6, 4)]
    public void After_enough_forwards_the_largest_singular_value_is_1(int input, int output, int kernel)
    {
        using var conv = new SpectralConv2d(input, output, kernel);
        for (var i = 0; i < 200; i++)
        {
            conv.NormalisedWeight().Dispose();
        }

        Assert.Equal(1, SingularValues(conv.NormalisedWeight()).Max(), 1e-5);
    }

    [Fact]
    public void A_fresh_one_is_near_already_and_never_below()
    {
        using var conv = new SpectralConv2d(16, 16, 3);
        conv.eval();
        Assert.InRange(SingularValues(conv.NormalisedWeight()).Max(), 1 - 1e-6, 1.1); // |W' u| is at most sigma
    }

    [Fact]
    public void A_training_forward_is_one_power_iteration_and_evaluation_none()
    {
        using var conv = new SpectralConv2d(2, 4, 3);
        var u = Vector(conv.u);
        conv.call(randn([1, 2, 5, 5]));
        var moved = Iterated(conv, u);
        Assert.Equal(moved, Vector(conv.u), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.NotEqual(u, Vector(conv.u));

        conv.eval();
        var kept = Vector(conv.u);
        conv.call(randn([1, 2, 5, 5]));
        Assert.Equal(kept, Vector(conv.u));
    }

    [Fact]
    public void Sigma_is_the_length_of_what_u_gives()
    {
        using var conv = new SpectralConv2d(2, 4, 3);
        conv.eval();
        var (w, u) = (Rows(conv.weight), Vector(conv.u));
        var sigma = Math.Sqrt(Enumerable.Range(0, w[0].Length).Sum(column => Math.Pow(Enumerable.Range(0, 4).Sum(row => w[row][column] * u[row]), 2)));
        Assert.Equal(Vector(conv.weight).Select(value => value / sigma), Vector(conv.NormalisedWeight()), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void It_convolves_with_stride_and_padding()
    {
        using var conv = new SpectralConv2d(2, 3, 4, stride: 2, padding: 1);
        nn.init.normal_(conv.bias);
        conv.eval();
        var x = randn([1, 2, 6, 8]);
        var (y, w) = (conv.call(x), conv.NormalisedWeight());
        Assert.Equal([1, 3, 3, 4], y.shape);
        double sum = conv.bias[1].item<float>();
        for (var i = 0; i < 2; i++)
        {
            for (var k = 0; k < 4; k++)
            {
                for (var l = 0; l < 4; l++)
                {
                    sum += x[0, i, 2 + k - 1, 4 + l - 1].item<float>() * w[1, i, k, l].item<float>();
                }
            }
        }

        Assert.Equal(sum, y[0, 1, 1, 2].item<float>(), 1e-5);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_gradient_by_the_weight_agrees_with_differences(bool training)
    {
        using var conv = new SpectralConv2d(2, 3, 3);
        conv.to(ScalarType.Float64);
        for (var i = 0; i < 500; i++)
        {
            conv.NormalisedWeight().Dispose(); // in training u moves with the weight: only where it has settled is the gradient exact
        }

        conv.train(training);
        var probe = randn([3, 2, 3, 3], ScalarType.Float64);
        var start = conv.weight.detach().clone();
        conv.NormalisedWeight().mul(probe).sum().backward();
        var gradient = conv.weight.grad!.clone();
        using var noGradient = no_grad();
        for (var i = 0; i < start.numel(); i++)
        {
            Assert.Equal((At(i, 1e-6) - At(i, -1e-6)) / 2e-6, gradient.flatten()[i].item<double>(), 1e-6);
        }

        double At(int index, double change)
        {
            var moved = start.flatten().clone();
            moved[index] += change;
            conv.weight.copy_(moved.view(start.shape));
            return conv.NormalisedWeight().mul(probe).sum().item<double>();
        }
    }

    [Fact]
    public void Two_forwards_may_precede_a_backward()
    {
        using var conv = new SpectralConv2d(2, 3, 3);
        var (first, second) = (conv.call(randn([1, 2, 5, 5])), conv.call(randn([1, 2, 5, 5])));
        (first.sum() + second.sum()).backward();
        Assert.True(conv.weight.grad!.isfinite().all().item<bool>());
    }

    [Fact]
    public void The_same_seed_gives_the_same_vector_to_the_bit() => Assert.Equal(AfterThree(7), AfterThree(7));

    [Fact]
    public void The_vector_travels_with_the_state_and_the_type()
    {
        using var trained = new SpectralConv2d(2, 3, 3);
        trained.call(randn([1, 2, 5, 5]));
        using var loaded = new SpectralConv2d(2, 3, 3);
        loaded.load_state_dict(trained.state_dict());
        Assert.Equal(["weight", "bias", "u"], trained.state_dict().Keys);
        Assert.Equal(Vector(trained.u), Vector(loaded.u));

        loaded.to(ScalarType.Float64);
        Assert.Equal(ScalarType.Float64, loaded.u.dtype);
        Assert.Equal(loaded.u.Handle, loaded.named_buffers().Single().buffer.Handle);
    }

    private static double[] AfterThree(long seed)
    {
        manual_seed(seed);
        using var conv = new SpectralConv2d(4, 8, 3);
        for (var i = 0; i < 3; i++)
        {
            conv.NormalisedWeight().Dispose();
        }

        return Vector(conv.u);
    }

    private static IEnumerable<double> SingularValues(Tensor weight) => Vector(linalg.svdvals(weight.detach().flatten(1)));

    private static double[] Vector(Tensor x) => x.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray();

    private static double[][] Rows(Tensor weight) => [.. Enumerable.Range(0, (int)weight.shape[0]).Select(row => Vector(weight[row]))];

    // u = W W' u at unit length, written out
    private static double[] Iterated(SpectralConv2d conv, double[] u)
    {
        var w = Rows(conv.weight);
        var v = Enumerable.Range(0, w[0].Length).Select(column => w.Select((row, o) => row[column] * u[o]).Sum()).ToArray();
        var next = w.Select(row => row.Zip(v, (a, b) => a * b).Sum()).ToArray();
        var length = Math.Sqrt(next.Sum(value => value * value));
        return [.. next.Select(value => value / length)];
    }
}
