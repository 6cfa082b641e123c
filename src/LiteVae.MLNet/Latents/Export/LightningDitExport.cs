using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace LiteVae;

/// <summary>LightningDiT's safetensors files. Not thread-safe.</summary>
internal sealed class LightningDitExport
{
    private const int Most = 10_000; // images a file, as there

    private readonly ExportedImages _images;
    private readonly string _folder;
    private readonly Dictionary<string, long> _classes;
    private readonly List<float> _latents = [];
    private readonly List<float> _flipped = [];
    private readonly List<long> _labels = [];
    private readonly long _count;
    private long _seen;
    private int _files;

    /// <summary>Looks whether the store has what it takes.</summary>
    /// <exception cref="InvalidOperationException">It has not.</exception>
    public LightningDitExport(LatentStore store, ExportedImages images, string folder)
    {
        (_images, _folder, _count) = (images, folder, store.Count);
        if (!store.HasFlipped)
        {
            throw new InvalidOperationException($"{store.Folder}: LightningDiT reads mirrored images too, and the store has none: encode with --flip.");
        }

        if (store.ImageSizes.Count > 1)
        {
            throw new InvalidOperationException($"{store.Folder}: LightningDiT reads images of one size; the store has {store.ImageSizes.Count}.");
        }

        _classes = Classes(store);
        AtomicFile.WriteAllBytes(Path.Combine(folder, "classes.json"), StoreJson.File(_classes));
    }

    /// <summary>Takes the images of a shard, and writes those that fill a file.</summary>
    public void Write(StoreShard shard, Action next)
    {
        var shape = _images.Shape(shard);
        foreach (var image in _images.Of(shard))
        {
            _latents.AddRange(image.Latent);
            _flipped.AddRange(image.Flipped!);
            _labels.Add(_classes[image.Row.Label ?? ""]);
            _seen++;
            if (_labels.Count == Math.Min(Most, Array.MaxLength / sizeof(float) / image.Latent.Length) || _seen == _count)
            {
                WriteFile(shape);
            }

            next();
        }
    }

    private void WriteFile(int[] shape)
    {
        long[] dimensions = [_labels.Count, .. shape];
        var labels = new byte[sizeof(long) * _labels.Count];
        for (var i = 0; i < _labels.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(labels.AsSpan(sizeof(long) * i), _labels[i]);
        }

        SafetensorsWriter.Write(
            Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"latents_rank00_shard{_files++:D3}.safetensors")),
            [
                SafetensorsTensor.FromFloats("latents", dimensions, CollectionsMarshal.AsSpan(_latents)),
                SafetensorsTensor.FromFloats("latents_flip", dimensions, CollectionsMarshal.AsSpan(_flipped)),
                new SafetensorsTensor("labels", SafetensorsType.I64, [_labels.Count], labels),
            ],
            new Dictionary<string, string> { ["total_size"] = $"{_labels.Count}", ["dtype"] = "torch.float32", ["device"] = "cpu" });
        _latents.Clear();
        _flipped.Clear();
        _labels.Clear();
    }

    // Labels that are numbers stay as they are; others get their place in ordinal order.
    private static Dictionary<string, long> Classes(LatentStore store)
    {
        var labels = new SortedSet<string>(StringComparer.Ordinal);
        for (var image = 0L; image < store.Count; image++)
        {
            labels.Add(store.RowOf(image).Label ?? "");
        }

        var areNumbers = labels.All(label => long.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out _));
        return labels.Select((label, place) => (label, number: areNumbers ? long.Parse(label, CultureInfo.InvariantCulture) : place)).ToDictionary(pair => pair.label, pair => pair.number);
    }
}
