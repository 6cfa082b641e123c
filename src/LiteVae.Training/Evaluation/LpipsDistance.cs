namespace LiteVae.Training;

/// <summary>LPIPS of pictures, with the weights and the device that it is computed with.</summary>
internal sealed class LpipsDistance : IDisposable
{
    private readonly Lpips _lpips;
    private readonly PairDistance _distance;

    private LpipsDistance(Lpips lpips, PairDistance distance) => (_lpips, _distance) = (lpips, distance);

    /// <summary>LPIPS's name of the backbone: <c>vgg</c>, <c>alex</c> or <c>squeeze</c>.</summary>
    public string Net => _lpips.Name;

    /// <summary>Reads the weights as <see cref="Lpips.Load"/> does.</summary>
    /// <param name="backbone">The backbone's file.</param>
    /// <param name="heads">The heads' file; null where they are in the backbone's.</param>
    /// <param name="device">Where to compute, such as <c>cpu</c> or <c>cuda:0</c>.</param>
    /// <exception cref="FileNotFoundException">A file is not there.</exception>
    /// <exception cref="InvalidDataException">A file is broken, or holds other tensors.</exception>
    /// <exception cref="InvalidOperationException">The device is not there.</exception>
    public static LpipsDistance Load(string backbone, string? heads, string device)
    {
        var found = LiteVaeTrainer.FindDevice(device);
        var lpips = Lpips.Load(backbone, heads, found);
        return new LpipsDistance(lpips, new PairDistance(lpips.Distances, found));
    }

    /// <summary>The distance of two pictures of the same size; null where they are too small for the backbone.</summary>
    public double? Of(RgbImage a, RgbImage b) => Math.Min(a.Width, a.Height) < _lpips.SmallestSide ? null : _distance.Of(a, b);

    /// <inheritdoc/>
    public void Dispose() => _lpips.Dispose();
}
