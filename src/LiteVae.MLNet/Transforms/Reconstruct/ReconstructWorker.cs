using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae;

/// <summary>Images of a batch -> posterior means -> images, and how close they are to where they came from.</summary>
/// <param name="model">The model; the worker disposes it.</param>
/// <param name="images">Where the images come from.</param>
/// <param name="outputs">What each output column holds.</param>
/// <param name="capacity">Rows in a batch.</param>
internal sealed class ReconstructWorker(ModelUse model, ImageBatch images, ReconstructedValue[] outputs, int capacity) : IBatchWorker
{
    private readonly RgbImage[] _results = new RgbImage[capacity];

    public void Fetch(int slot) => images.Fetch(slot);

    public void Prepare(int slot) => images.Prepare(slot);

    public IDisposable? HoldModel() => model.Hold();

    public IEnumerable<IReadOnlyList<int>> Groups(IReadOnlyList<int> slots) => images.Groups(slots);

    public void Run(IReadOnlyList<int> group)
    {
        var posterior = model.Encode(images.Tensor(group));
        var decoded = model.Decode(posterior.Means(), posterior.Count, posterior.Height, posterior.Width);
        for (var i = 0; i < group.Count; i++)
        {
            _results[group[i]] = decoded.ToRgb(i, images[group[i]].Width, images[group[i]].Height);
        }
    }

    public Delegate CreateGetter(int output, Func<int> slot) => outputs[output] switch
    {
        ReconstructedValue.Psnr => NumberGetter(slot, Psnr.Compute),
        ReconstructedValue.Ssim => NumberGetter(slot, SsimWhereDefined),
        _ => ImageGetter(slot),
    };

    public void Dispose() => model.Dispose();

    // A new image for every value, and the old one is left alone: whoever asked owns it.
    private ValueGetter<MLImage> ImageGetter(Func<int> slot) => (ref MLImage value) =>
    {
        var demanded = slot();
        value = demanded == BatchRows.Missing ? null! : MLImages.FromRgb(_results[demanded]);
    };

    private ValueGetter<float> NumberGetter(Func<int> slot, Func<RgbImage, RgbImage, double> measure) => (ref float value) =>
    {
        var demanded = slot();
        value = demanded == BatchRows.Missing ? float.NaN : (float)measure(images[demanded], _results[demanded]);
    };

    private static double SsimWhereDefined(RgbImage original, RgbImage reconstruction) =>
        Math.Min(original.Width, original.Height) < Ssim.MinimumSide ? double.NaN : Ssim.Compute(original, reconstruction);
}
