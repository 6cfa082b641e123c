using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Google.Protobuf;
using Tensorboard;

namespace LiteVae.Training;

/// <summary>A run's numbers and pictures for TensorBoard: an event file for each start of the run, in one folder. Not thread-safe.</summary>
/// <remarks>
/// Written here, on TorchSharp's message types, because TorchSharp's own SummaryWriter wants pictures as tensors or files, has no step over 2^31,
/// opens the file anew for every value and cannot take back the steps that a resumed run does again.
/// </remarks>
internal sealed class TensorBoardLog : IDisposable
{
    private const string Prefix = "events.out.tfevents.";

    private readonly FileStream _file;

    /// <summary>Begins an event file.</summary>
    /// <param name="folder">Where; created if missing. Point <c>tensorboard --logdir</c> at it.</param>
    /// <param name="stepsDone">Steps done before this start, 0 for a new run. What earlier starts wrote of later steps is no longer shown; at 0, nothing of them.</param>
    public TensorBoardLog(string folder, long stepsDone = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stepsDone);
        Directory.CreateDirectory(folder);

        // TensorBoard reads the files in the order of their names: a later start must sort later, even if it comes within the second or the clock was set back
        var newest = Directory.EnumerateFiles(folder, Prefix + "*").Select(Started).DefaultIfEmpty().Max();
        var started = Math.Max(DateTimeOffset.UtcNow.ToUnixTimeSeconds(), newest + 1);
        _file = new FileStream(Path.Combine(folder, $"{Prefix}{started:D10}.litevae"), FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        Write(new Event { FileVersion = "brain.Event:2" });

        // From this step on, earlier files do not count. (TensorBoard's fast loader passes over this and lets, tag by tag, the newer value of a step win.)
        Write(new Event { Step = stepsDone == 0 ? 0 : stepsDone + 1, SessionLog = new SessionLog { Status = SessionLog.Types.SessionStatus.Start } });
        Flush();
    }

    /// <summary>A number.</summary>
    /// <param name="tag">The curve's name; '/' groups curves.</param>
    /// <param name="value">Kept as float; one that is not finite is shown as such.</param>
    /// <param name="step">Steps done.</param>
    public void Scalar(string tag, double value, long step) => Summarize(step, new Summary.Types.Value { Tag = tag, SimpleValue = (float)value });

    /// <summary>A picture, kept losslessly.</summary>
    /// <param name="tag">What it shows; '/' groups.</param>
    /// <param name="image">The picture.</param>
    /// <param name="step">Steps done.</param>
    public void Image(string tag, RgbImage image, long step)
    {
        using var png = PngFile.Encode(image);
        var picture = new Summary.Types.Image
        {
            Width = image.Width, Height = image.Height, Colorspace = RgbImage.Channels, EncodedImageString = ByteString.CopyFrom(png.AsSpan()),
        };
        Summarize(step, new Summary.Types.Value { Tag = tag, Image = picture });
        Flush(); // pictures are few and large: what does not fit on the disk shows here, at its step
    }

    /// <summary>Hands what was logged to the operating system, so that TensorBoard sees it.</summary>
    public void Flush() => _file.Flush();

    /// <summary>Flushes and closes the file; what a full disk does not take of it any more is lost without a word.</summary>
    public void Dispose()
    {
        try
        {
            _file.Dispose();
        }
        catch (IOException)
        {
            // whoever wrote last was told: said again here, it would take the place of the message that says what to do
        }
    }

    private static long Started(string path) =>
        long.TryParse(Path.GetFileName(path)[Prefix.Length..].Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 0;

    private void Summarize(long step, Summary.Types.Value value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        var summary = new Summary();
        summary.Value.Add(value);
        Write(new Event { Step = step, Summary = summary });
    }

    /// <summary>A record: the message's length, its checksum, the message, its checksum (TensorFlow's tf_record format).</summary>
    private void Write(Event message)
    {
        message.WallTime = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
        var content = message.ToByteArray();
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        Span<byte> checksum = stackalloc byte[sizeof(uint)];

        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)content.Length);
        _file.Write(length);
        BinaryPrimitives.WriteUInt32LittleEndian(checksum, MaskedCrc(length));
        _file.Write(checksum);
        _file.Write(content);
        BinaryPrimitives.WriteUInt32LittleEndian(checksum, MaskedCrc(content));
        _file.Write(checksum);
    }

    /// <summary>CRC-32C, rotated and shifted as the format wants, so that a checksum of data with checksums in it is still worth something.</summary>
    private static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        const uint mask = 0xa282ead8;
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return BitOperations.RotateRight(~crc, 15) + mask;
    }
}
