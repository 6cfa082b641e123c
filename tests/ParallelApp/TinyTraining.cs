using LiteVae;
using LiteVae.Training;
using static TorchSharp.torch;

/// <summary>Twenty steps of a tiny network on a batch of which each rank sees its rows.</summary>
internal static class TinyTraining
{
    private const int Batch = 4;

    /// <summary>Trains and writes the parameters as one file of float32.</summary>
    public static void Run(GradientSync sync, string output)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        using var network = new LiteVaeNetwork(new LiteVaeArchitecture
        {
            LatentChannels = 2,
            Encoder = new LiteVaeEncoderShape { Extractor = new UNetShape(4, [1, 2]), Aggregator = new UNetShape(4, [1, 2]) },
            Decoder = LiteVaePreset.CompactDecoder with { Width = 4, Multipliers = [1, 1, 1, 1], Output = DecoderOutput.Image },
        });
        sync.RequireEqual("weights", network.named_parameters().Select(p => (p.name, (Tensor)p.parameter)));
        var parameters = new FlatParameters(network);
        var adam = new Adam(parameters, 0.9, 0.999);
        for (var step = 0; step < 20; step++)
        {
            using var stepScope = NewDisposeScope();
            var image = Mine(rand(Batch, 3, 32, 32).Times(2).Plus(-1));
            var posterior = new DiagonalGaussian(network.Encode(image));
            var noise = Mine(randn(Batch, 2, 4, 4));
            var reconstruction = network.Decode(posterior.Sample(noise));
            parameters.ClearGradients();
            ReconstructionLoss.Compute(image, reconstruction).Plus(KlLoss.Compute(posterior).Times(1e-4)).backward();
            sync.Average([parameters.Gradients!]);
            adam.Step(step, 1e-4);
        }

        using var file = File.Create(output + sync.Rank);
        file.Write(cat([.. network.parameters().Select(p => p.detach().flatten())]).bytes);

        // drawn for the whole batch, so that it does not matter how many ranks there are
        Tensor Mine(Tensor whole) => whole.narrow(0, Batch / sync.Size * sync.Rank, Batch / sync.Size);
    }
}
