using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Tries out libtorch: what <c>litevae doctor</c> reports.</summary>
internal static class TorchCheck
{
    private const int Side = 16;
    private const int Steps = 3;

    /// <summary>The GPUs that this libtorch can use, by name; empty where there is none.</summary>
    public static IReadOnlyList<string> Gpus()
    {
        NativeTorch.EnsureLoaded();
        return TryInitializeDeviceType(DeviceType.CUDA) ? [.. Enumerable.Range(0, cuda.device_count()).Select(i => $"cuda:{i}")] : [];
    }

    /// <summary>Versions and threads, in one line.</summary>
    public static string Describe()
    {
        NativeTorch.EnsureLoaded();
        return $"TorchSharp {typeof(torch).Assembly.GetName().Version?.ToString(3)}, libtorch {__version__}, {get_num_threads()} threads; {NativeTorch.Report}";
    }

    /// <summary>Runs forward, backward and optimiser steps of a tiny network on one fixed image and looks whether the loss falls.</summary>
    /// <param name="device"><c>cpu</c> or <c>cuda:N</c>.</param>
    /// <returns>The loss before and after.</returns>
    /// <exception cref="InvalidOperationException">The loss did not fall: this libtorch computes something else than it should.</exception>
    public static (double Before, double After) TrainTinyNetwork(string device)
    {
        var where = LiteVaeTrainer.FindDevice(device);
        var tiny = new UNetShape(4, [1]);
        manual_seed(0);
        using var network = new LiteVaeNetwork(
            new LiteVaeArchitecture
            {
                LatentChannels = 4,
                Encoder = new LiteVaeEncoderShape { Extractor = tiny, Aggregator = tiny },
                Decoder = LiteVaePreset.CompactDecoder with { Width = 4, Multipliers = [1, 1, 1], BlocksPerLevel = 1 },
            },
            where);
        using var scope = NewDisposeScope();
        var parameters = new FlatParameters(network);
        var optimizer = new Adam(parameters, 0.9, 0.999);
        var image = linspace(-1, 1, 3 * Side * Side, device: where).reshape(1, 3, Side, Side);
        var before = Loss().item<float>();
        for (var step = 0; step < Steps; step++)
        {
            parameters.ClearGradients();
            Loss().backward();
            optimizer.Step(step, 1e-2);
        }

        var after = Loss().item<float>();
        return after < before
            ? (before, after)
            : throw new InvalidOperationException($"Three optimiser steps on {device} took the loss from {before} to {after}; it should fall. Use the libtorch that TorchSharp was built for.");

        Tensor Loss() => ReconstructionLoss.Compute(image, network.call(image));
    }
}
