using LiteVae.Training;
using TorchSharp;

namespace LiteVae.Cli.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void Memory_that_libtorch_does_not_get_is_a_sentence()
    {
        NativeTorch.EnsureLoaded();
        var message = CommandLine.Explain(Assert.ThrowsAny<Exception>(() => torch.empty(1L << 50)));
        Assert.StartsWith("there is not enough memory for this (", message, StringComparison.Ordinal);
        Assert.Contains($"{4L << 50} bytes", message, StringComparison.Ordinal);
        Assert.DoesNotContain("fault of this program", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message); // no stack
    }

    [Fact]
    public void Memory_that_NET_does_not_get_is_a_sentence()
    {
        var message = CommandLine.Explain(new OutOfMemoryException());
        Assert.StartsWith("there is not enough memory for this (", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Another_error_of_libtorch_is_still_a_fault_of_the_program()
    {
        NativeTorch.EnsureLoaded();
        using var row = torch.ones(2);
        var message = CommandLine.Explain(Assert.ThrowsAny<Exception>(() => row.reshape(3)));
        Assert.StartsWith("a fault of this program", message, StringComparison.Ordinal);
    }
}
