using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace LiteVae;

/// <summary>The right to run a <see cref="SharedSession"/>. Dispose it to give the right back.</summary>
/// <remarks>
/// Thread-safe while not disposed. It has a finalizer because not every owner is disposed: ML.NET's shuffling cursor, for one,
/// never disposes its input.
/// </remarks>
internal sealed class SessionLease : IDisposable
{
    private readonly SharedSession _owner;
    private readonly string _name;
    private readonly InferenceSession _session;
    private readonly AttentionLimit? _attention;
    private readonly Tiling? _tiling;
    private int _returned;

    public SessionLease(SharedSession owner, string name, InferenceSession session, AttentionLimit? attention, Tiling? tiling)
    {
        _owner = owner;
        _name = name;
        _session = session;
        _attention = attention;
        _tiling = tiling;
    }

    ~SessionLease() => Return();

    /// <summary>
    /// Runs the model, tile by tile what is larger than a tile. In one piece it runs on the caller's memory: nothing is copied on the CPU, unless the model takes or
    /// gives halves, to and from which values are converted.
    /// </summary>
    /// <param name="input">Values of the only input.</param>
    /// <param name="inputShape">Its shape, [N, C, H, W].</param>
    /// <param name="output">Receives the values of the only output.</param>
    /// <param name="outputShape">Its shape, [N, C, H, W].</param>
    /// <exception cref="InvalidOperationException">The model's attention would need too much memory, or ONNX Runtime failed.</exception>
    public void Run(ReadOnlySpan<float> input, long[] inputShape, Span<float> output, long[] outputShape)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _returned) != 0, this);
        CheckLength(input.Length, inputShape, nameof(input));
        CheckLength(output.Length, outputShape, nameof(output));
        if (_tiling is not null && !_tiling.IsOnePiece(inputShape, outputShape))
        {
            _tiling.Run(this, input, inputShape, output, outputShape);
            return;
        }

        _attention?.Require(_name, inputShape, outputShape);
        try
        {
            RunAs(input, inputShape, output, outputShape);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidOperationException(
                $"{_name}: ONNX Runtime failed on an input of shape [{string.Join(", ", inputShape)}] with output [{string.Join(", ", outputShape)}]: {e.Message}", e);
        }

        _owner.CountRun();
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Return();
        GC.SuppressFinalize(this);
    }

    // Models in half precision are fed halves: then both sides are converted, which costs a copy of each.
    private void RunAs(ReadOnlySpan<float> input, long[] inputShape, Span<float> output, long[] outputShape)
    {
        var inputBytes = MemoryMarshal.AsBytes(input);
        if (IsHalf(_session.InputMetadata))
        {
            var halves = new Half[input.Length];
            TensorPrimitives.ConvertToHalf(input, halves);
            inputBytes = MemoryMarshal.AsBytes<Half>(halves);
        }

        if (!IsHalf(_session.OutputMetadata))
        {
            RunPinned(inputBytes, inputShape, MemoryMarshal.AsBytes(output), outputShape);
            return;
        }

        var results = new Half[output.Length];
        RunPinned(inputBytes, inputShape, MemoryMarshal.AsBytes(results.AsSpan()), outputShape);
        TensorPrimitives.ConvertToSingle(results, output);
    }

    private unsafe void RunPinned(ReadOnlySpan<byte> input, long[] inputShape, Span<byte> output, long[] outputShape)
    {
        fixed (byte* inputStart = input)
        fixed (byte* outputStart = output)
        {
            using var options = new RunOptions();
            using var inputValue = Wrap(inputStart, input.Length, inputShape, IsHalf(_session.InputMetadata));
            using var outputValue = Wrap(outputStart, output.Length, outputShape, IsHalf(_session.OutputMetadata));
            _session.Run(options, _session.InputNames, [inputValue], _session.OutputNames, [outputValue]);
        }
    }

    private static bool IsHalf(IReadOnlyDictionary<string, NodeMetadata> ports) => ports.Single().Value.ElementDataType == TensorElementType.Float16;

    private static unsafe OrtValue Wrap(byte* start, int bytes, long[] shape, bool isHalf) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance, isHalf ? TensorElementType.Float16 : TensorElementType.Float, shape, (nint)start, bytes);

    private static void CheckLength(int length, long[] shape, string name)
    {
        var wanted = shape.Aggregate(1L, (product, dimension) => product * dimension);
        if (length != wanted)
        {
            throw new ArgumentException($"The {name} has {length} values; the shape [{string.Join(", ", shape)}] needs {wanted}.", name);
        }
    }

    private void Return()
    {
        if (Interlocked.Exchange(ref _returned, 1) == 0)
        {
            _owner.Return();
        }
    }
}
