using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>One optimiser step: forward, losses, backward, clip, Adam, running average; and the discriminator's.</summary>
/// <remarks>Nothing here waits for the device: what was measured stays there until <see cref="StepMeasures"/> reads it.</remarks>
internal sealed class TrainingStep(TrainingState state, Objective objective, WorkingCopy? copy, GradientSync sync, LiteVaeTrainerOptions options, Device device)
{
    private readonly LiteVaeNetwork _network = copy?.Network ?? state.Network;

    /// <summary>Runs the step.</summary>
    /// <param name="at">Which step.</param>
    /// <param name="batch">This process's images, [N, 3, R, R] in [-1, 1].</param>
    /// <returns>What was measured, on the device, in the caller's dispose scope.</returns>
    public StepMeasures Run(PlannedStep at, PixelTensor batch)
    {
        using var scope = NewDisposeScope();
        var parts = at.Stage.Accumulation;
        var images = Upload(tensor(batch.Data, [batch.Count, 3, batch.Height, batch.Width])).chunk(parts, 0);
        var noise = Upload(Noise(at, batch.Count)).chunk(parts, 0);

        // gradients, part by part
        copy?.TakeWeights();
        state.Parameters.ClearGradients();
        var measured = images.Zip(noise, (image, draw) => Backward(at, image, draw, 1.0 / parts)).ToList();

        // of all processes, no longer than allowed
        sync.Average([state.Parameters.Gradients!]);
        var norm = Clip(state.Parameters.Gradients!, options.GradientClip);

        // updates
        var learningRate = at.LearningRate(options);
        state.Optimizer.Step(at.Step, learningRate);
        state.Ema.Update(at.Step);
        Tensor? discriminatorNorm = null;
        if (at.HasAdversary)
        {
            sync.Average([state.Adversary!.Gradients]);
            discriminatorNorm = Norm(state.Adversary.Gradients);
            state.Adversary.Update();
        }

        var means = measured.Count == 1 ? measured[0] : stack(measured).mean([0]);
        return StepMeasures.Of(at, learningRate, means, norm, discriminatorNorm);
    }

    /// <summary>Adds the gradients of a part of the batch, and measures.</summary>
    private Tensor Backward(PlannedStep at, Tensor image, Tensor noise, double share)
    {
        using var scope = NewDisposeScope();

        // forward: a posterior sample
        var posterior = new DiagonalGaussian(_network.Encode(image));
        var reconstruction = _network.Decode(posterior.Sample(noise));

        // losses
        var (total, terms) = objective.Compute(at.Stage.Losses, image, posterior, reconstruction);
        Tensor? adversarial = null;
        if (at.Stage.Losses.AdversarialAt(at.StepOfStage) is { } weight)
        {
            adversarial = state.Adversary!.GeneratorLoss(reconstruction);
            total = total.Plus(adversarial.Times(weight));
        }

        // backward
        total.Times(share).backward();
        copy?.GiveGradients();
        var seen = reconstruction.detach();
        var discriminator = adversarial is null ? null : state.Adversary!.Backward(image, seen, share);

        using var noGradient = no_grad();
        var squares = (seen - image).Squared().mean();
        return StepMeasures.Pack(total, terms, adversarial, discriminator, squares).MoveToOuterDisposeScope();
    }

    // The noise is drawn for the whole batch, a function of seed and step alone, so that neither parts nor processes change it; on the CPU, since TorchSharp's generators are none of a GPU.
    internal Tensor Noise(PlannedStep at, int count)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(new CounterRandom((ulong)options.Seed, (ulong)at.Step).NextBits());
        var side = at.Stage.Resolution >> LiteVaeEncoder.Levels;
        var whole = randn([at.Stage.BatchSize, options.Architecture.LatentChannels, side, side], generator: generator);
        return whole.narrow(0, (long)sync.Rank * count, count).MoveToOuterDisposeScope();
    }

    // from pinned memory: a copy from other memory would wait for the device
    private Tensor Upload(Tensor values) => device.type == DeviceType.CUDA ? values.pin_memory().to(device, non_blocking: true) : values;

    /// <summary>Scales gradients down to a norm, and returns what theirs was.</summary>
    private static Tensor Clip(Tensor gradients, double longest)
    {
        const double epsilon = 1e-6; // PyTorch's, so that no gradient at all is not divided by 0
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var norm = Norm(gradients);
        using var one = 1.0.ToScalar();
        gradients.mul_(norm.Plus(epsilon).reciprocal().Times(longest).clamp_max(one));
        return norm.MoveToOuterDisposeScope();
    }

    /// <summary>The norm of values [count], in rows: one 32-bit sum over 56 million of them is 0.4% short on a CPU.</summary>
    internal static Tensor Norm(Tensor values)
    {
        const long row = 4096;
        using var scope = NewDisposeScope();
        var rows = values.numel() / row;
        var norms = values.narrow(0, 0, rows * row).view(rows, row).norm(1);
        return cat([norms, values.narrow(0, rows * row, values.numel() - (rows * row))]).norm().MoveToOuterDisposeScope();
    }
}
