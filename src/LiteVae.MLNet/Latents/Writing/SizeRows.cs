using System.Globalization;

namespace LiteVae;

/// <summary>The rows of one size in a part that is being written.</summary>
internal sealed class SizeRows : IDisposable
{
    private readonly SafetensorsType _dtype;
    private readonly float[] _values;
    private readonly byte[][] _bytes;
    private readonly List<LatentRow> _rows = [];
    private ChannelSums[] _next = [];

    /// <summary>Begins a size.</summary>
    /// <param name="folder">Where the files without a name lie.</param>
    /// <param name="settings">The store's settings.</param>
    /// <param name="size">The size.</param>
    public SizeRows(string folder, StoreSettings settings, ImageSize size)
    {
        var (channels, height, width) = settings.MomentsShape(size);
        _dtype = settings.Dtype;
        _values = new float[channels * height * width];
        Channels = new ChannelSums[channels];
        _bytes = [.. Enumerable.Range(0, settings.Flip ? 2 : 1).Select(_ => new byte[_values.Length * settings.Dtype.Size()])];
        Files = [.. _bytes.Select(_ => AnonymousFile.Create(folder))];
    }

    /// <summary>The moments, and those of the mirrored images where the store has them.</summary>
    public IReadOnlyList<FileStream> Files { get; }

    /// <summary>What is known of the moments' channels.</summary>
    public ChannelSums[] Channels { get; private set; }

    /// <summary>The rows of the table.</summary>
    public IReadOnlyList<LatentRow> Rows => _rows;

    /// <summary>Rows.</summary>
    public int Count => _rows.Count;

    /// <summary>Rounds the moments of an image, or of a mirrored one, to the store's type.</summary>
    /// <returns>Null, or why they do not fit it.</returns>
    public string? Round(Posterior posterior, int index, bool isFlipped)
    {
        posterior.GetMoments(index).CopyTo(_values);
        var broken = MomentsType.Round(_values, _dtype, _bytes[isFlipped ? 1 : 0]);
        if (broken >= 0)
        {
            return Misfit(posterior, index, broken);
        }

        if (!isFlipped)
        {
            _next = ChannelSums.OfChannels(_values, Channels.Length);
        }

        return null;
    }

    /// <summary>Takes the moments of a row of another shard, of the same type and size, as they are.</summary>
    public void Take(StoredMoments moments)
    {
        var (shard, row) = moments;
        shard.MomentsBytes(row).CopyTo(_bytes[0]);
        shard.ReadMoments(row, _values);
        _next = ChannelSums.OfChannels(_values, Channels.Length);
        if (_bytes.Length > 1)
        {
            shard.FlippedMomentsBytes(row).CopyTo(_bytes[1]);
        }
    }

    /// <summary>Adds the row whose moments were rounded or taken last.</summary>
    public void Add(LatentRow row)
    {
        foreach (var (file, bytes) in Files.Zip(_bytes))
        {
            file.Write(bytes);
        }

        Channels = [.. Channels.Select((sums, channel) => sums.Merge(_next[channel]))];
        _rows.Add(row with { Row = _rows.Count });
    }

    /// <summary>Removes the files.</summary>
    public void Dispose()
    {
        foreach (var file in Files)
        {
            file.Dispose();
        }
    }

    private string Misfit(Posterior posterior, int index, int broken)
    {
        var value = posterior.GetMoments(index)[broken];
        var (channel, place) = Math.DivRem(broken, posterior.Height * posterior.Width);
        var (y, x) = Math.DivRem(place, posterior.Width);
        var where = string.Create(CultureInfo.InvariantCulture, $"the encoder emits {value} in channel {channel} at x {x}, y {y}");
        return float.IsFinite(value)
            ? $"{where}, which does not fit {_dtype.Spelling()}: make the store in BF16 or F32 (--dtype bf16, --dtype f32)."
            : $"{where}: its numbers overflow. Half precision does so above 65,504: take a model in single precision.";
    }
}
