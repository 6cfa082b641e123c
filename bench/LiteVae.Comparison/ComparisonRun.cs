using LiteVae.Cli.Commands;
using LiteVae.Cli.Reports;
using LiteVae.Comparison.Peers;
using LiteVae.Training;
using TorchSharp;

namespace LiteVae.Comparison;

/// <summary>Measures all peers on all images, one after the other.</summary>
internal sealed class ComparisonRun : IDisposable
{
    // as many as the models that have them: 4 is what Stable Diffusion's autoencoder keeps, 12 the default model, 16 FLUX.1's
    private static readonly int[] FloorChannels = [4, 12, 16];

    private readonly Settings _settings;
    private readonly List<IPeer> _peers = [];
    private readonly TorchMetrics? _lpips;

    /// <summary>Opens the models, reads the weights and learns the linear codes.</summary>
    /// <exception cref="IOException">A file or folder is not there.</exception>
    /// <exception cref="InvalidDataException">A file is broken, or not what it should be.</exception>
    public ComparisonRun(Settings settings)
    {
        _settings = settings;
        NativeTorch.EnsureLoaded();
        torch.set_num_threads(1); // as the models': the times compare, and sums have one order
        try
        {
            _peers.AddRange(settings.Models.Select(folder => new ModelPeer(folder)));
            using (var basis = BlockBasis.Learn(settings.Train))
            {
                _peers.AddRange(FloorChannels.Select(channels => new LinearFloor(basis, channels)));
            }

            if (settings.Taef2 is not null)
            {
                _peers.Add(Taef2.Load(settings.Taef2));
            }

            _lpips = settings.Lpips.Count == 0 ? null : TorchMetrics.Load([.. settings.Lpips], inception: null, "cpu", images: 0);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Measures, and writes the pictures.</summary>
    /// <exception cref="IOException">A file or folder is not there.</exception>
    /// <exception cref="InvalidDataException">An image cannot be read: the numbers are those of all images, or there are none.</exception>
    public Results Run()
    {
        (string Name, IReadOnlyList<ImageSource> Images)[] sets = [("Kodak", Find(_settings.Kodak)), ("Photos", Find(_settings.Photos))];
        using var progress = new ProgressLine("compare", sets.Sum(set => set.Images.Count));
        var done = 0;
        List<SetScores> scores = [.. sets.Select(set => Measure(set.Name, set.Images, () => progress.Report(++done, failures: 0)))];
        var (pictures, failures) = new PictureBook(_settings, _peers).Draw(Find(_settings.Samples));
        return new Results(
            [.. _peers.Select(peer => peer.Facts)],
            scores,
            pictures,
            failures,
            PeerTiming.Measure(_peers, ImageDecoder.Decode(sets[^1].Images[0].Path)),
            EvaluationProtocol.Describe(size: null, more: _lpips?.Protocol));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _peers.ForEach(peer => peer.Dispose());
        _lpips?.Dispose();
    }

    private static IReadOnlyList<ImageSource> Find(string folder) => ImageInputs.Find([folder]).Sources;

    private SetScores Measure(string name, IReadOnlyList<ImageSource> sources, Action onImage)
    {
        HashSet<string> sizes = [];
        var scores = _peers.Select(_ => new List<Score>()).ToList();
        foreach (var source in sources)
        {
            var image = ImageDecoder.Decode(source.Path);
            sizes.Add($"{image.Width} x {image.Height}");
            for (var i = 0; i < _peers.Count; i++)
            {
                var reconstruction = _peers[i].Reconstruct(image);
                var score = ImageScore.Of(image, reconstruction);
                scores[i].Add(new Score(score.Psnr, score.Ssim, _lpips?.Add(image, reconstruction)));
            }

            onImage();
        }

        // Enumerable.Average of nullable values passes over null
        return new SetScores(
            name, sources.Count, sizes.Count > 2 ? "many sizes" : string.Join(" or ", sizes.Order(StringComparer.Ordinal)),
            [.. scores.Select(all => new Score(all.Average(score => score.Psnr), all.Average(score => score.Ssim), all.Average(score => score.Lpips)))]);
    }
}
