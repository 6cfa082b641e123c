using LiteVae.Tests;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Steps;

[Collection(nameof(Estimator.AloneWithTorch))]
public sealed class TrainingStepTests : TorchTest
{
    private readonly TemporaryFolder _folder = new();

    public override void Dispose()
    {
        base.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Parts_of_a_batch_one_after_another_give_the_gradients_of_the_whole()
    {
        // of the first step: later on, Adam makes much of the last bit of a gradient that is nearly 0
        var stage = new TrainingStage { Resolution = 16, Steps = 1, BatchSize = 4 };
        var (whole, parts) = (Train(stage), Train(stage with { Accumulation = 4 }));
        Golden.AssertClose(whole.Gradients, parts.Gradients, 1e-6);
        Assert.True(whole.Gradients.abs().max().item<float>() > 0.01);
        Assert.Equal(whole.Losses.Total, parts.Losses.Total, 1e-5);
        Assert.Equal(whole.Losses.GradientNorm, parts.Losses.GradientNorm, 1e-4);
        Assert.Equal(whole.Losses.Psnr, parts.Losses.Psnr, 1e-3);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(4096)]
    [InlineData(30_000_001)]
    public void The_norm_of_many_values_is_right_to_five_digits(int count)
    {
        using var scope = NewDisposeScope();
        manual_seed(0);
        var values = randn(count);
        var exact = Math.Sqrt(values.data<float>().ToArray().Sum(value => (double)value * value));
        Assert.Equal(1, TrainingStep.Norm(values).item<float>() / exact, 1e-5);
    }

    [Fact]
    public void In_bfloat16_the_weights_stay_float32_and_move_nearly_the_same_way()
    {
        var stage = new TrainingStage { Resolution = 16, Steps = 20, BatchSize = 4 };
        var (exact, rough, fresh) = (Train(stage), Train(stage, TrainingPrecision.BFloat16), Train(stage with { Steps = 1 }, learningRate: 1e-30));
        Assert.Equal(float32, rough.Weights.dtype);
        Assert.NotEqual(exact.Losses.Total, rough.Losses.Total);
        Assert.Equal(exact.Losses.Total, rough.Losses.Total, 0.03 * exact.Losses.Total); // bfloat16 has 8 bits

        var (moved, alike) = (exact.Weights - fresh.Weights, rough.Weights - fresh.Weights);
        var cosine = ((moved * alike).sum() / (moved.norm() * alike.norm())).item<float>();
        Assert.InRange(cosine, 0.9, 0.99999);
    }

    [Fact]
    public void Free_bits_kinds_crops_and_schedules_of_a_stage_reach_the_step()
    {
        var plain = Train(new TrainingStage { Resolution = 16, Steps = 1, BatchSize = 2 });
        var other = Train(new TrainingStage
        {
            Resolution = 16, Steps = 1, BatchSize = 2, LearningRate = new LearningRateSchedule { Peak = 5e-4 },
            Losses = new LossOptions { ReconstructionKind = ReconstructionKind.L2, KlNormalisation = KlNormalisation.Sum },
        });
        Assert.Equal(5e-4, other.Losses.LearningRate);
        Assert.Equal(plain.Losses.Kl * 4 * 2 * 2, other.Losses.Kl, 1e-3 * other.Losses.Kl); // nz h w values an image
        Assert.Equal(4 / Math.Pow(10, other.Losses.Psnr / 10), other.Losses.Reconstruction, 1e-5); // the mean square itself

        var free = Train(new TrainingStage { Resolution = 16, Steps = 1, BatchSize = 2, Crop = CropKind.Resized, Losses = new LossOptions { KlFreeBits = 50 } });
        Assert.Equal(50, free.Losses.Kl, 1e-4); // every channel holds less
        Assert.NotEqual(plain.Losses.Reconstruction, free.Losses.Reconstruction); // of other crops
    }

    [Fact]
    public void The_discriminator_learns_only_from_its_own_loss_and_only_once_it_begins()
    {
        var losses = new LossOptions { Adversarial = 0.5, AdversarialStart = 3, AdversarialWarmup = 1 };
        var stage = new TrainingStage { Resolution = 16, Steps = 5, BatchSize = 2, Losses = losses };
        Assert.Equal([null, null, null, 0.25, 0.5], Enumerable.Range(0, 5).Select(step => losses.AdversarialAt(step)));

        var (before, after) = (Train(stage, steps: 3), Train(stage, steps: 5));
        Assert.Null(before.Losses.Adversarial);
        Assert.Null(before.Losses.Discriminator);
        Assert.NotNull(after.Losses.Adversarial);
        Assert.InRange(after.Losses.Discriminator!.Value, 0.1, 2); // an undecided hinge discriminator pays 1
        var fresh = Train(stage, steps: 0);
        Assert.True(before.Discriminator.SequenceEqual(fresh.Discriminator));
        Assert.False(after.Discriminator.SequenceEqual(fresh.Discriminator));
    }

    [Fact]
    public void Parts_of_a_batch_are_one_step_of_the_discriminator()
    {
        var stage = new TrainingStage { Resolution = 16, Steps = 3, BatchSize = 4, Losses = new LossOptions { Adversarial = 0.5 } };
        var (whole, parts) = (Train(stage), Train(stage with { Accumulation = 2 }));
        Assert.Equal((3, 3), (whole.DiscriminatorSteps, parts.DiscriminatorSteps));

        // not the same: its spectral norms go on by an iteration a part
        Assert.Equal(whole.Losses.Discriminator!.Value, parts.Losses.Discriminator!.Value, 0.1);
        Assert.InRange(parts.Losses.DiscriminatorGradientNorm!.Value / whole.Losses.DiscriminatorGradientNorm!.Value, 0.7, 1.4);
    }

    [Theory]
    [InlineData(double.NaN, 1, "discriminator's loss is NaN")]
    [InlineData(1, double.PositiveInfinity, "discriminator's gradient's norm is")]
    public void A_discriminator_without_numbers_is_named_with_its_first_such_weight(double loss, double norm, string message)
    {
        var options = TrainingPictures.Options(_folder) with { Stages = [new TrainingStage { Resolution = 16, Losses = new LossOptions { Adversarial = 1 } }], Discriminator = new DiscriminatorOptions { Width = 16 } };
        using var scope = NewDisposeScope();
        using var state = new TrainingState(options, CPU);
        var losses = new StepLosses { Step = 3, Adversarial = 1, Discriminator = loss, DiscriminatorGradientNorm = norm };
        var (name, weight) = state.Adversary!.Weights().Last();
        using (no_grad())
        {
            weight.fill_(float.NaN);
        }

        var e = Assert.Throws<TrainingDivergedException>(() => NanGuard.Check(losses, state));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.Contains($"the first weight that is not finite is {name}", e.Message, StringComparison.Ordinal);
    }

    private (Tensor Weights, Tensor Gradients, StepLosses Losses, float[] Discriminator, long DiscriminatorSteps) Train(
        TrainingStage stage, TrainingPrecision precision = TrainingPrecision.Float32, double learningRate = 1e-3, int? steps = null)
    {
        TrainingPictures.Write(_folder);
        var options = TrainingPictures.Options(_folder) with
        {
            Stages = [stage], Precision = precision, LearningRate = new LearningRateSchedule { Peak = learningRate }, Discriminator = new DiscriminatorOptions { Width = 16 },
        };
        using var sync = new SingleProcess();
        using var state = new TrainingState(options, CPU);
        using var objective = new Objective(options, CPU);
        using var copy = precision == TrainingPrecision.BFloat16 ? new WorkingCopy(state.Network, state.Parameters) : null;
        var training = new TrainingStep(state, objective, copy, sync, options, CPU);
        var plan = PlannedStep.Plan(options).Take(steps ?? stage.Steps).ToList();
        var loader = new BatchLoader(new CropSampler(new ImageFolder(options.Data), 0), plan);
        var latest = new StepLosses();
        foreach (var at in plan)
        {
            using var measures = training.Run(at, loader.Next());
            latest = measures.Read(sync);
        }

        float[] discriminator = [.. state.Adversary?.Named().Where(t => t.Name.Contains("network", StringComparison.Ordinal)).SelectMany(t => t.Tensor.data<float>().ToArray()) ?? []];
        return (state.Parameters.Values.clone(), state.Parameters.Gradients!.clone(), latest, discriminator, state.Adversary?.Steps ?? 0);
    }
}
