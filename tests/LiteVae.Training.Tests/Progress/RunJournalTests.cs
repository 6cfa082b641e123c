using System.Text.Json;
using LiteVae.Tests;
using TorchSharp;

namespace LiteVae.Training.Tests.Progress;

[Collection(nameof(Estimator.AloneWithTorch))]
public sealed class RunJournalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_evaluates_reports_and_keeps_its_best_and_leaves_no_tensor_behind()
    {
        var options = Options() with { Evaluation = new EvaluationOptions { Data = TrainingPictures.Write(_folder), Every = 4, Size = 32, Images = 3 } };
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        new LiteVaeTrainer(options).Train();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        var found = Lines<TrainingEvaluation>("evaluation.jsonl");
        Assert.Equal([4, 8, 10], found.Select(line => line.StepsDone)); // every 4 steps, and at the end
        Assert.All(found, line => Assert.Equal(3, line.Images));
        Assert.All(found, line => Assert.InRange(line.PriorDistance!.Value, 0.01, 1)); // of 48 latent vectors
        Assert.All(found, line => Assert.Equal((4, 4), (line.ChannelMeans!.Count, line.ChannelDeviations!.Count)));

        // the best is the checkpoint of the best evaluation, and gives its PSNR again
        var best = found.MaxBy(line => line.Psnr)!;
        var (network, _, step) = Checkpoint.LoadAverage(_folder.At("run/checkpoints/best.safetensors"));
        using var owned = network;
        Assert.Equal(best.StepsDone, step);
        Assert.Equal(best.Psnr, new Evaluator(new ImageFolder(options.Evaluation.Data!, 3), 32).Run(network, torch.CPU).Psnr);

        // a checkpoint of its own does not count among the newest
        Assert.Equal(3, Directory.GetFiles(_folder.At("run/checkpoints")).Length);

        var page = File.ReadAllText(_folder.At("run/report.html"));
        Assert.Contains("finished", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("SSIM", page, StringComparison.Ordinal);
        Assert.Contains("data:image/", page, StringComparison.Ordinal);
        Assert.Contains("Held-out images at step 10", page, StringComparison.Ordinal);
        Assert.Equal(3, page.Split("<figure class=\"comparison\"").Length - 1);
        Assert.Single(Directory.GetFiles(_folder.At("run/tensorboard")));
    }

    [Fact]
    public void A_resumed_run_takes_back_what_was_told_of_steps_that_it_does_again()
    {
        var options = Options() with { Evaluation = new EvaluationOptions { Data = TrainingPictures.Write(_folder), Every = 4, Size = 32 } };
        new LiteVaeTrainer(options).Train();
        var whole = (Log: Lines<TrainingProgress>("log.jsonl").Select(line => line.Losses).ToList(), Evaluation: File.ReadAllText(_folder.At("run/evaluation.jsonl")));

        // as if the run had been killed after step 10 was told of and before its checkpoint was there
        File.Delete(_folder.At("run/checkpoints/step-00000010.safetensors"));
        File.AppendAllText(_folder.At("run/warnings.jsonl"), "{\"Step\":10,\"Text\":\"of the last step\"}\n{\"Step\":3,\"Text\":\"of the third\"}\n{\"Step\":");
        new LiteVaeTrainer(options).Train(resume: true);

        Assert.Equal(whole.Log, Lines<TrainingProgress>("log.jsonl").Select(line => line.Losses));
        Assert.Equal(whole.Evaluation, File.ReadAllText(_folder.At("run/evaluation.jsonl")));
        Assert.Equal("of the third", Assert.Single(Lines<ReportWarning>("warnings.jsonl")).Text);
    }

    [Fact]
    public void The_best_of_steps_that_are_done_again_is_not_the_best()
    {
        var options = Options() with { Evaluation = new EvaluationOptions { Data = TrainingPictures.Write(_folder), Every = 4, Size = 32 } };
        new LiteVaeTrainer(options).Train();

        // as if the best was of a step after the newest checkpoint, and the run that goes on is shorter
        var best = _folder.At("run/checkpoints/best.safetensors");
        File.Copy(_folder.At("run/checkpoints/step-00000010.safetensors"), best, overwrite: true);
        File.Delete(_folder.At("run/checkpoints/step-00000010.safetensors"));
        var kept = File.ReadAllLines(_folder.At("run/evaluation.jsonl")).Select(line => line.Replace("\"StepsDone\":10", "\"StepsDone\":11", StringComparison.Ordinal));
        File.WriteAllLines(_folder.At("run/evaluation.jsonl"), kept);
        new LiteVaeTrainer(options with { LearningRate = new LearningRateSchedule { Peak = 1e-12 } }).Train(resume: true);
        Assert.Equal(10, Checkpoint.StepOf(best));
        using var again = SafetensorsReader.Open(best);
        using var end = SafetensorsReader.Open(_folder.At("run/checkpoints/step-00000010.safetensors"));
        Assert.All(end.Entries, entry => Assert.Equal(end.ReadFloats(entry.Name), again.ReadFloats(entry.Name)));
    }

    [Fact]
    public void Held_out_images_are_looked_at_before_the_first_step()
    {
        var heldOut = _folder.Write("heldout/broken.png", "no picture");
        var told = new List<string>();
        var options = Options() with { Evaluation = new EvaluationOptions { Data = Path.GetDirectoryName(heldOut), Every = 4, Size = 32 } };
        var e = Assert.Throws<InvalidDataException>(() => new LiteVaeTrainer(options) { OnImageFailure = told.Add }.Train());
        Assert.Contains("None of the 1 images can be read", e.Message, StringComparison.Ordinal);
        Assert.Contains("broken.png", Assert.Single(told), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    [Fact]
    public void A_run_that_diverges_says_so_in_its_report()
    {
        var options = Options() with { LearningRate = new LearningRateSchedule { Peak = 1e30 } };
        var e = Assert.Throws<TrainingDivergedException>(() => new LiteVaeTrainer(options).Train());
        Assert.Contains($"Step {e.Step}", e.Message, StringComparison.Ordinal);
        Assert.Matches("the first (gradient|weight) that is not finite is", e.Reason);
        Assert.Equal(e.Reason, Assert.Single(Lines<ReportWarning>("warnings.jsonl")).Text);
        Assert.Contains("diverged", File.ReadAllText(_folder.At("run/report.html")), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_dead_channel_is_told_once_at_the_evaluation_that_finds_it()
    {
        var told = new List<string>();
        var options = Options() with
        {
            Stages = [new TrainingStage { Resolution = 16, Steps = 60, BatchSize = 2, Losses = new LossOptions { Kl = 1_000 } }], // nothing but the prior pays
            LearningRate = new LearningRateSchedule { Peak = 2e-2 },
            EmaDecay = 0,
            Evaluation = new EvaluationOptions { Data = TrainingPictures.Write(_folder), Every = 20, Size = 32 },
        };
        new LiteVaeTrainer(options) { OnWarning = told.Add }.Train();
        told.RemoveAll(warning => !warning.StartsWith("step ", StringComparison.Ordinal)); // of a busy machine
        Assert.Contains(told, warning => warning.Contains("collapsed", StringComparison.Ordinal) || warning.Contains("is dead", StringComparison.Ordinal));
        Assert.Equal(told.Count, told.Select(warning => warning[(warning.IndexOf(':', StringComparison.Ordinal) + 1)..]).Distinct().Count());
        Assert.Equal(told.Count, Lines<ReportWarning>("warnings.jsonl").Count);
    }

    private LiteVaeTrainerOptions Options()
    {
        TrainingPictures.Write(_folder);
        return TrainingPictures.Options(_folder);
    }

    private List<T> Lines<T>(string name) =>
        [.. File.ReadLines(_folder.At($"run/{name}")).Select(line => JsonSerializer.Deserialize<T>(line)!)];
}
