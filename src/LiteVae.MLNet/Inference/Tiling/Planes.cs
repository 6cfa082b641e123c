using System.Numerics.Tensors;

namespace LiteVae;

/// <summary>Cuts tiles out of images or latents [N, C, H, W], and puts them together.</summary>
internal readonly struct Planes
{
    private readonly int _channels;
    private readonly int _height;
    private readonly int _width;
    private readonly int _scale;

    /// <param name="shape">[N, C, H, W].</param>
    /// <param name="latentHeight">Height in latent positions, in which tiles are measured.</param>
    public Planes(long[] shape, int latentHeight)
    {
        (_channels, _height, _width) = ((int)shape[1], (int)shape[2], (int)shape[3]);
        _scale = _height / latentHeight;
    }

    /// <summary>The shape of a tile, [1, C, h, w].</summary>
    public long[] PieceShape(Tile row, Tile column) => [1, _channels, row.Length * _scale, column.Length * _scale];

    /// <summary>Values of a tile.</summary>
    public int PieceLength(Tile row, Tile column) => checked(_channels * row.Length * _scale * column.Length * _scale);

    /// <summary>Copies a tile out of an image.</summary>
    public void Cut(ReadOnlySpan<float> all, int image, Tile row, Tile column, Span<float> piece)
    {
        var (height, width, left) = (row.Length * _scale, column.Length * _scale, column.Start * _scale);
        for (var channel = 0; channel < _channels; channel++)
        {
            for (var y = 0; y < height; y++)
            {
                all.Slice(Line(image, channel, (row.Start * _scale) + y) + left, width).CopyTo(piece.Slice(((channel * height) + y) * width, width));
            }
        }
    }

    /// <summary>Adds a tile to an image, times its weights.</summary>
    public void Add(ReadOnlySpan<float> piece, Tile row, Tile column, Span<float> all, int image)
    {
        var (top, left, height, width) = (row.Start * _scale, column.Start * _scale, row.Length * _scale, column.Length * _scale);
        var (first, across) = Weights(column);
        var (firstLine, down) = Weights(row);
        Span<float> weights = new float[across.Length];
        for (var y = 0; y < down.Length; y++)
        {
            TensorPrimitives.Multiply(across, down[y], weights);
            for (var channel = 0; channel < _channels; channel++)
            {
                var line = all.Slice(Line(image, channel, firstLine + y) + first, weights.Length);
                TensorPrimitives.MultiplyAdd(piece.Slice((((channel * height) + firstLine - top + y) * width) + first - left, weights.Length), weights, line, line);
            }
        }
    }

    /// <summary>The positions at which a tile counts, and its weight at the middle of each.</summary>
    private (int First, float[] Weights) Weights(Tile tile)
    {
        var (first, end, scale) = ((int)Math.Floor(tile.First * _scale), (int)Math.Ceiling(tile.End * _scale), _scale);
        return (first, [.. Enumerable.Range(first, end - first).Select(position => (float)tile.Weight((position + 0.5) / scale))]);
    }

    // Arrays have fewer than 2^31 values, so that a place in one fits.
    private int Line(int image, int channel, int y) => ((((image * _channels) + channel) * _height) + y) * _width;
}
