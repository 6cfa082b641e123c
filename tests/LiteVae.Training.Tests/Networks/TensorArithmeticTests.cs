using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Networks;

public sealed class TensorArithmeticTests : TorchTest
{
    [Fact]
    public void It_computes_what_the_operators_do()
    {
        var (x, y) = (randn([3, 4]), randn([3, 4]));
        Golden.AssertClose(x + y, x.Plus(y), 0);
        Golden.AssertClose(x + 0.5, x.Plus(0.5), 0);
        Golden.AssertClose(x * -3, x.Times(-3), 0);
        Golden.AssertClose(x.pow(2), x.Squared(), 1e-6);
        Golden.AssertClose(x.clamp(-0.5, 0.25), x.Limited(-0.5, 0.25), 0);
        Golden.AssertClose(x.clamp(-0.5, 100), x.AtLeast(-0.5), 0);
        Golden.AssertClose(x.maximum(x * 0.2), x.LeakyRelu(0.2), 0);
    }

    [Fact]
    public void No_number_is_freed_under_a_native_call()
    {
        // With TorchSharp's own operators, one in some thousands of these calls throws while the collector runs without a pause.
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            var x = ones(4);
            for (var i = 0; i < 100_000; i++)
            {
                using var scope = NewDisposeScope();
                var result = x.Plus(x).Times(3).Plus(-2).Limited(-10, 10).AtLeast(-5).LeakyRelu(0.5);
                Assert.Equal(4, result.data<float>()[3]);
            }
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }
}
