using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The discriminator as a player: what the autoencoder loses to it, and how it learns itself.</summary>
/// <remarks>Its tensors belong to the dispose scope that it is created in; the discriminator is its own.</remarks>
internal sealed class Adversary : IDisposable
{
    /// <summary>How a checkpoint calls its tensors.</summary>
    public const string Prefix = "discriminator.";

    private readonly Discriminator _network;
    private readonly FlatParameters _parameters;
    private readonly Adam _optimizer;
    private readonly DiscriminatorOptions _options;

    /// <summary>A fresh one.</summary>
    /// <exception cref="ArgumentException">A stage's crops are none that it can take.</exception>
    public Adversary(LiteVaeTrainerOptions options, Device device)
    {
        _options = options.Discriminator;
        _network = Discriminator.Create(_options.Kind, _options.Width, device);
        _parameters = new FlatParameters(_network);
        _optimizer = new Adam(_parameters, options.Beta1, options.Beta2);
        for (var i = 0; i < options.Stages.Count; i++)
        {
            var side = options.Stages[i].Resolution;
            if (options.Stages[i].Losses.Adversarial > 0 && (side < _network.MinimumSide || side % _network.SideMultiple != 0))
            {
                _network.Dispose();
                throw new ArgumentException(
                    $"Stages[{i}].Resolution is {side}, but the {_options.Kind} discriminator needs crops of at least {_network.MinimumSide} x {_network.MinimumSide}"
                    + $"{(_network.SideMultiple > 1 ? $", multiples of {_network.SideMultiple}" : "")}: use such crops, another discriminator, or set the stage's adversarial loss to 0.");
            }
        }
    }

    /// <summary>Steps that it has taken.</summary>
    public long Steps { get; set; }

    /// <summary>Its gradients, to be averaged over processes.</summary>
    public Tensor Gradients => _parameters.Gradients!;

    /// <summary>The autoencoder's loss against it, a scalar; the discriminator itself learns nothing from it.</summary>
    /// <param name="reconstruction">[N, 3, H, W].</param>
    public Tensor GeneratorLoss(Tensor reconstruction)
    {
        using var scope = NewDisposeScope();
        _network.eval();
        Learn(false);
        return AdversarialLoss.Generator(_network.Judge(reconstruction), _options.Loss).MoveToOuterDisposeScope();
    }

    /// <summary>Adds the gradients of its own loss, and returns that loss.</summary>
    /// <param name="image">[N, 3, H, W].</param>
    /// <param name="reconstruction">[N, 3, H, W], cut off from the autoencoder.</param>
    /// <param name="share">What the gradients count.</param>
    public Tensor Backward(Tensor image, Tensor reconstruction, double share)
    {
        using var scope = NewDisposeScope();
        _network.train();
        Learn(true);

        // both at once: a single power iteration, and one weight for both
        var logits = _network.Judge(cat([image, reconstruction], 0)).Select(map => map.chunk(2, 0)).ToList();
        var loss = AdversarialLoss.Discriminator([.. logits.Select(map => map[0])], [.. logits.Select(map => map[1])], _options.Loss);
        loss.Times(share).backward();
        return loss.detach().MoveToOuterDisposeScope();
    }

    /// <summary>Takes its optimiser step and starts anew with its gradients.</summary>
    public void Update()
    {
        _optimizer.Step(Steps++, _options.LearningRate);
        _parameters.ClearGradients();
    }

    /// <summary>What it learns, under the names that a checkpoint gives it.</summary>
    public IEnumerable<(string Name, Tensor Values)> Weights() => _network.named_parameters().Select(p => ($"{Prefix}network.{p.name}", (Tensor)p.parameter));

    /// <summary>Everything under the names that a checkpoint gives it.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> Named()
    {
        foreach (var (name, parameter) in _network.named_parameters())
        {
            yield return ($"{Prefix}network.{name}", parameter);
            yield return ($"{Prefix}adam.mean.{name}", _parameters.Piece(_optimizer.Mean, name));
            yield return ($"{Prefix}adam.square.{name}", _parameters.Piece(_optimizer.Square, name));
        }

        foreach (var (name, buffer) in _network.named_buffers())
        {
            yield return ($"{Prefix}buffer.{name}", buffer);
        }
    }

    public void Dispose() => _network.Dispose();

    private void Learn(bool learns)
    {
        foreach (var parameter in _network.parameters())
        {
            parameter.requires_grad = learns;
        }
    }
}
