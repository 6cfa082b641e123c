namespace LiteVae.Training;

/// <summary>A view of a storage: element [i, j, ...] stands at offset + i stride[0] + j stride[1] + ...</summary>
internal sealed class PyTorchTensor
{
    private readonly PyTorchStorage _storage;
    private readonly long _offset;
    private readonly long[] _shape;
    private readonly long[] _stride;
    private readonly long _count;
    private readonly long _span; // elements of the storage from the first to the last

    /// <param name="storage">What it is a view of.</param>
    /// <param name="offset">Where in it the first element stands.</param>
    /// <param name="shape">Dimensions, outermost first.</param>
    /// <param name="stride">For each dimension, how many elements its neighbours stand apart.</param>
    /// <param name="at">Where in the pickle the tensor is described.</param>
    /// <param name="refusals">Refuses.</param>
    /// <exception cref="InvalidDataException">It reaches beyond the storage, or has more elements than it.</exception>
    public PyTorchTensor(PyTorchStorage storage, long offset, long[] shape, long[] stride, int at, Refusals refusals)
    {
        (_storage, _offset, _shape, _stride) = (storage, offset, shape, stride);
        Require(shape.Length == stride.Length, "should have as many strides as dimensions");
        Require(offset >= 0 && shape.All(size => size >= 0) && stride.All(step => step >= 0), "has a negative number");

        var count = SafetensorsHeader.ByteLength(shape, SafetensorsType.U8);
        Require(count is not null, "has more than 2^63 elements");
        Require(count <= storage.Elements, "has more elements than the storage: it repeats them (an expanded view); call contiguous() or clone() on it before torch.save");

        var span = count == 0 ? 0 : Span(shape, stride);
        Require(span is not null && offset <= storage.Elements && span <= storage.Elements - offset, "reaches beyond the storage");
        (_count, _span) = (count!.Value, span!.Value);

        void Require(bool condition, string otherwise) => refusals.Require(
            condition,
            $"the tensor at byte {at} of data.pkl, of shape [{string.Join(", ", shape)}], stride [{string.Join(", ", stride)}] and offset {offset} in the {storage.Elements} elements of '{storage.Name}', {otherwise}");
    }

    public SafetensorsType Type => _storage.Type;

    public IReadOnlyList<long> Shape => _shape;

    /// <summary>The values, row-major.</summary>
    /// <param name="name">The tensor's name, for messages.</param>
    /// <param name="refusals">Refuses.</param>
    /// <exception cref="InvalidDataException">They are no floats, too many, or damaged.</exception>
    public float[] ReadFloats(string name, Refusals refusals)
    {
        refusals.Require(Type.IsFloat(), $"{FloatElements.Needed(name, Type)}");
        refusals.Require(
            Math.Max(_span, _count) <= int.MaxValue / Math.Max(Type.Size(), sizeof(float)),
            $"tensor '{name}' has {_count} elements spread over {_span}; tensors over 2 GB are not supported");
        var values = new float[_count];
        var bytes = _storage.Bytes(_offset, _span);
        var axes = Axes();
        var (length, step) = ((int)axes[^1].Size, (int)axes[^1].Stride);

        // Row by row, the place of each counted up like an odometer.
        Span<long> place = stackalloc long[axes.Count - 1];
        var start = 0L;
        for (var row = 0; row < values.Length; row += length)
        {
            FloatElements.Read(bytes[(int)(start * Type.Size())..], Type, step, values.AsSpan(row, length));
            for (var axis = axes.Count - 2; axis >= 0; axis--)
            {
                start += axes[axis].Stride;
                if (++place[axis] < axes[axis].Size)
                {
                    break;
                }

                start -= axes[axis].Stride * axes[axis].Size;
                place[axis] = 0;
            }
        }

        return values;
    }

    /// <summary>The dimensions that matter, those joined that lie in memory as one; a contiguous tensor has a single one.</summary>
    private List<(long Size, long Stride)> Axes()
    {
        var axes = new List<(long Size, long Stride)>(_shape.Length + 1);
        for (var i = 0; i < _shape.Length; i++)
        {
            if (_shape[i] == 1)
            {
                continue;
            }

            if (axes.Count > 0 && axes[^1].Stride == _shape[i] * _stride[i])
            {
                axes[^1] = (axes[^1].Size * _shape[i], _stride[i]);
            }
            else
            {
                axes.Add((_shape[i], _stride[i]));
            }
        }

        return axes.Count > 0 ? axes : [(1, 1)];
    }

    private static long? Span(long[] shape, long[] stride)
    {
        var last = (Int128)0;
        for (var i = 0; i < shape.Length; i++)
        {
            last += (Int128)(shape[i] - 1) * stride[i];
        }

        return last < long.MaxValue ? (long)last + 1 : null;
    }
}
