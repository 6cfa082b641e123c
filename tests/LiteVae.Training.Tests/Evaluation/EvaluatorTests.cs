using LiteVae.Tests;
using LiteVae.Training.Tests.Estimator;
using LiteVae.Training.Tests.Export;
using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Evaluation;

[Collection(nameof(AloneWithTorch))]
public sealed class EvaluatorTests : TorchTest
{
    private readonly TemporaryFolder _folder = new();
    private readonly LiteVaeNetwork _network = TinyNetwork.Create(TinyNetwork.Architecture());

    public override void Dispose()
    {
        _network.Dispose();
        _folder.Dispose();
        base.Dispose();
    }

    [Fact]
    public void Numbers_are_those_of_the_posterior_means_reconstructions()
    {
        var folder = TrainingPictures.Write(_folder, count: 3, width: 40, height: 32);
        var result = new Evaluator(new ImageFolder(folder), size: 16).Run(_network, CPU);

        var pairs = Enumerable.Range(0, 3).Select(i => Reconstruct(BicubicResizer.Fit(ImageDecoder.Decode(_folder.At($"data/{i}.png")), 16, 16, ResizePolicy.CenterCrop))).ToList();
        Assert.Equal((3, 0), (result.Images.Count, result.Unreadable));
        Assert.Equal(pairs.Average(pair => Psnr.Compute(pair.Image, pair.Output)), result.Psnr!.Value, 1e-9);
        Assert.Equal(pairs.Average(pair => Ssim.Compute(pair.Image, pair.Output)), result.Ssim!.Value, 1e-9);
        Assert.Null(result.Lpips);
        Assert.Equal(["0.png", "1.png", "2.png"], result.Samples.Select(pair => pair.Key));
        Assert.All(result.Samples.Zip(pairs), both =>
        {
            Assert.Equal(both.Second.Image.Pixels, both.First.Image.Pixels);
            Assert.Equal(both.Second.Output.Pixels, both.First.Reconstruction.Pixels);
        });
        Assert.Equal(3, result.Latents.Images);
        Assert.Equal(pairs.SelectMany(pair => pair.Mean).Average(value => (double)value), result.Latents.Mean, 1e-6);
    }

    [Fact]
    public void Images_of_any_size_keep_it_and_the_worst_come_first()
    {
        TrainingPictures.Write(_folder, count: 5, width: 21, height: 13);
        var evaluator = new Evaluator(new ImageFolder(_folder.At("data")), size: null) { Pictures = 2 };
        var result = evaluator.Run(_network, CPU);

        Assert.All(result.Worst.Concat(result.Samples), pair => Assert.Equal((21, 13), (pair.Reconstruction.Width, pair.Reconstruction.Height)));
        var all = new Evaluator(new ImageFolder(_folder.At("data")), size: null) { Pictures = 5 }.Run(_network, CPU);
        Assert.Equal(all.Samples.OrderBy(pair => pair.Score.Psnr).Take(2).Select(pair => pair.Key), result.Worst.Select(pair => pair.Key));
        Assert.Equal(2, result.Samples.Count);
        Assert.Equal(5, all.Worst.Count);
    }

    [Fact]
    public void A_distance_of_tensors_is_averaged()
    {
        TrainingPictures.Write(_folder, count: 2);
        var evaluator = new Evaluator(new ImageFolder(_folder.At("data")), size: 32) { Lpips = (a, b) => (a - b).abs().mean([1, 2, 3]) };
        var result = evaluator.Run(_network, CPU);

        var expected = result.Samples.Average(pair => pair.Image.Pixels.Zip(pair.Reconstruction.Pixels, (a, b) => Math.Abs(a - b)).Average() / 127.5);
        Assert.Equal(expected, result.Lpips!.Value, 1e-6);
        Assert.All(result.Samples, pair => Assert.NotNull(pair.Lpips));
    }

    [Fact]
    public void Unreadable_images_are_counted_and_nothing_stands_in_for_them()
    {
        TrainingPictures.Write(_folder, count: 2);
        _folder.Write("data/0a.png", "no picture");
        var images = new ImageFolder(_folder.At("data"));
        for (var run = 0; run < 2; run++)
        {
            var result = new Evaluator(images, size: 16).Run(_network, CPU);
            Assert.Equal((2, 1), (result.Images.Count, result.Unreadable));
            Assert.Equal(["0.png", "1.png"], result.Samples.Select(pair => pair.Key));
        }

        _folder.Write("broken/one.png", "no picture");
        Assert.Contains("one.png", Assert.Throws<InvalidDataException>(() => new Evaluator(new ImageFolder(_folder.At("broken")), 16).Run(_network, CPU)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_may_run_in_the_midst_of_a_training()
    {
        TrainingPictures.Write(_folder);
        var evaluator = new Evaluator(new ImageFolder(_folder.At("data")), size: 16) { Lpips = (a, b) => (a - b).abs().mean([1, 2, 3]) };
        var generator = random.get_rng_state().data<byte>().ToArray();
        var weights = Weights();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        var first = evaluator.Run(_network, CPU);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        var second = evaluator.Run(_network, CPU);

        Assert.Equal(Numbers(first), Numbers(second));
        Assert.Equal(generator, random.get_rng_state().data<byte>().ToArray());
        Assert.Equal(weights, Weights());

        float[] Weights() => [.. _network.parameters().SelectMany(parameter => parameter.detach().flatten().data<float>().ToArray())];
        static double?[] Numbers(LiteVae.Training.Evaluation result) =>
        [
            result.Psnr, result.Ssim, result.Lpips, result.Latents.Mean, result.Latents.Deviation, result.Latents.Kl,
            .. result.Latents.Channels.Select(channel => (double?)channel.Deviation), .. result.Latents.PriorDistance!.Select(distance => (double?)distance.MmdSquared),
        ];
    }

    [Fact]
    public void A_size_that_the_network_cannot_take_is_refused_and_it_can_be_cancelled()
    {
        TrainingPictures.Write(_folder, count: 1);
        var images = new ImageFolder(_folder.At("data"));
        Assert.Contains("20", Assert.Throws<ArgumentException>(() => new Evaluator(images, size: 20).Run(_network, CPU)).Message, StringComparison.Ordinal);
        Assert.Throws<OperationCanceledException>(() => new Evaluator(images, size: 16).Run(_network, CPU, new CancellationToken(true)));
    }

    private (RgbImage Image, RgbImage Output, float[] Mean) Reconstruct(RgbImage image)
    {
        using var noGradient = no_grad();
        var pixels = new PixelTensor(1, image.Height, image.Width);
        pixels.Set(0, image);
        var x = tensor(pixels.Data, [1, 3, image.Height, image.Width]);
        var output = new PixelTensor(1, image.Height, image.Width);
        _network.call(x).data<float>().CopyTo(output.Data);
        return (image, output.ToRgb(0), _network.Encode(x).chunk(2, 1)[0].contiguous().data<float>().ToArray());
    }
}
