using LiteVae.Training;

namespace LiteVae.Cli.Commands;

/// <summary>What <c>eval</c> measures with libtorch, which is loaded with the first of these and not before.</summary>
internal sealed class TorchMetrics : IDisposable
{
    private readonly LpipsDistance? _lpips;
    private readonly FrechetInceptionDistance? _rfid;

    private TorchMetrics(LpipsDistance? lpips, FrechetInceptionDistance? rfid, string protocol) => (_lpips, _rfid, Protocol) = (lpips, rfid, protocol);

    /// <summary>How these are measured, in a sentence each.</summary>
    public string Protocol { get; }

    /// <summary>Loads what is asked for.</summary>
    /// <param name="lpips">The backbone's file and, where they are in another one, the heads' file; null or empty for no LPIPS.</param>
    /// <param name="inception">The file of FID's InceptionV3; null for no rFID.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="images">Images to come.</param>
    /// <exception cref="ArgumentException">They are too few for rFID.</exception>
    /// <exception cref="InvalidDataException">A file is broken, or holds other tensors.</exception>
    public static TorchMetrics Load(string[]? lpips, string? inception, string device, int images)
    {
        if (inception is not null)
        {
            FrechetInceptionDistance.RequireEnough(images);
        }

        var distance = lpips is [var backbone, .. var heads] ? LpipsDistance.Load(backbone, heads.FirstOrDefault(), device) : null;
        try
        {
            var rfid = inception is null ? null : FrechetInceptionDistance.Load(inception, device);
            string[] protocol =
            [
                .. distance is null ? Array.Empty<string>() : [EvaluationProtocol.Lpips(distance.Net)],
                .. rfid is null ? Array.Empty<string>() : ["rFID: Fréchet distance of InceptionV3's 2,048 pool features (FID's weights of 2015), all images, each brought to 299 x 299 bilinearly."],
            ];
            return new TorchMetrics(distance, rfid, string.Join(' ', protocol));
        }
        catch
        {
            distance?.Dispose();
            throw;
        }
    }

    /// <summary>Takes an image and its reconstruction.</summary>
    /// <returns>Their LPIPS; null where it is not asked for, or the image is too small for it.</returns>
    public double? Add(RgbImage image, RgbImage reconstruction)
    {
        var distance = _lpips?.Of(image, reconstruction);
        _rfid?.Add(image, reconstruction);
        return distance;
    }

    /// <summary>rFID over all images; null where it is not asked for, or so many images failed that too few are left.</summary>
    public double? Rfid() => _rfid is { Count: >= FrechetInceptionDistance.MinimumImages } ? _rfid.Compute() : null;

    public void Dispose()
    {
        _lpips?.Dispose();
        _rfid?.Dispose();
    }
}
