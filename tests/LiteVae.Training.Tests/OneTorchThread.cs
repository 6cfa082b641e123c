using TorchSharp;

[assembly: AssemblyFixture(typeof(LiteVae.Training.Tests.OneTorchThread))]

namespace LiteVae.Training.Tests;

/// <summary>
/// Test classes run side by side, and each of them with all cores would have libtorch's threads wait for one another: on a busy
/// machine the suite takes minutes in place of seconds.
/// </summary>
public sealed class OneTorchThread
{
    public OneTorchThread()
    {
        NativeTorch.EnsureLoaded();
        torch.set_num_threads(1);
    }
}
