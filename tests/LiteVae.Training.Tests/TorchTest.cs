using TorchSharp;

namespace LiteVae.Training.Tests;

/// <summary>A test whose tensors end with it.</summary>
public abstract class TorchTest : IDisposable
{
    private readonly DisposeScope _scope;

    protected TorchTest()
    {
        NativeTorch.EnsureLoaded();
        torch.manual_seed(1);
        _scope = torch.NewDisposeScope();
    }

    public virtual void Dispose()
    {
        _scope.Dispose();
        GC.SuppressFinalize(this);
    }
}
