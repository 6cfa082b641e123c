using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>All that training changes: the network, its running average, the discriminator where there is one, and the optimisers' state.</summary>
/// <remarks>Its tensors belong to the dispose scope that it is created in; its networks are its own.</remarks>
internal sealed class TrainingState : IDisposable
{
    /// <summary>Fresh weights from the options' seed.</summary>
    /// <exception cref="ArgumentException">A stage's crops are none that its discriminator can take.</exception>
    public TrainingState(LiteVaeTrainerOptions options, Device device)
    {
        manual_seed(options.Seed);
        Network = new LiteVaeNetwork(options.Architecture, device);
        Average = new LiteVaeNetwork(options.Architecture, device);
        Parameters = new FlatParameters(Network);
        AverageParameters = new FlatParameters(Average, trained: false);
        Optimizer = new Adam(Parameters, options.Beta1, options.Beta2, options.WeightDecay);
        Ema = new ExponentialMovingAverage(AverageParameters, Parameters, options.EmaDecay, options.EmaWidth);
        Architecture = options.Architecture;
        try
        {
            Adversary = options.Stages.Any(stage => stage.Losses.Adversarial > 0) ? new Adversary(options, device) : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What the networks are built as.</summary>
    public LiteVaeArchitecture Architecture { get; }

    /// <summary>The network that is trained.</summary>
    public LiteVaeNetwork Network { get; }

    /// <summary>The running average of its weights.</summary>
    public LiteVaeNetwork Average { get; }

    /// <summary>The network's parameters and gradients.</summary>
    public FlatParameters Parameters { get; }

    /// <summary>The average's parameters.</summary>
    public FlatParameters AverageParameters { get; }

    /// <summary>The network's optimiser.</summary>
    public Adam Optimizer { get; }

    /// <summary>What moves the average.</summary>
    public ExponentialMovingAverage Ema { get; }

    /// <summary>The discriminator; null where no stage has an adversarial loss.</summary>
    public Adversary? Adversary { get; }

    /// <summary>Everything under the names that a checkpoint gives it.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> Named()
    {
        foreach (var (name, parameter) in Network.named_parameters())
        {
            yield return ($"network.{name}", parameter);
            if (Parameters.Pieces.ContainsKey(name))
            {
                yield return ($"adam.mean.{name}", Parameters.Piece(Optimizer.Mean, name));
                yield return ($"adam.square.{name}", Parameters.Piece(Optimizer.Square, name));
            }
        }

        foreach (var (name, parameter) in Average.named_parameters())
        {
            yield return ($"ema.{name}", parameter);
        }

        foreach (var named in Adversary?.Named() ?? [])
        {
            yield return named;
        }
    }

    public void Dispose()
    {
        Network.Dispose();
        Average.Dispose();
        Adversary?.Dispose();
    }
}
