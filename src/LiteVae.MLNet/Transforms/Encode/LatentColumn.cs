using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae;

/// <summary>The output column of an encoder: its type, and what it says about itself.</summary>
internal static class LatentColumn
{
    /// <summary>The column that these options make.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="options">The options.</param>
    /// <param name="config">The model's config.</param>
    /// <param name="fingerprint">Gives the SHA-256 of the encoder, when somebody asks for it: it takes reading the file.</param>
    public static DataViewSchema.DetachedColumn Create(string name, LiteVaeEncodeOptions options, LiteVaeConfig config, Func<string> fingerprint)
    {
        var channels = config.LatentChannels * (options.Output == LatentOutput.Moments ? 2 : 1);
        var (height, width) = ((options.Height ?? 0) / config.DownsamplingFactor, (options.Width ?? 0) / config.DownsamplingFactor);
        var type = options.Sizing.IsNative
            ? new VectorDataViewType(NumberDataViewType.Single)
            : new VectorDataViewType(NumberDataViewType.Single, channels, height, width);
        return new DataViewSchema.DetachedColumn(name, type, Annotate(options, config, [channels, height, width], fingerprint));
    }

    /// <summary>The shape of the schema behind an encoder with these options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The image column, or the key column, is missing, or of a type that cannot be used.</exception>
    public static SchemaShape Propagate(SchemaShape schema, string outputName, string inputName, LiteVaeEncodeOptions options, LiteVaeConfig config)
    {
        ImageColumn.Require(schema, inputName);
        SampleKey.Require(schema, options.UsedKeyColumn);

        // A shape has the annotations' names and types, and no values.
        return SchemaShapes.Append(schema, [Create(outputName, options, config, fingerprint: () => "")]);
    }

    /// <summary>Whether a column says that its latents are scaled; null where it says nothing.</summary>
    public static bool? IsScaled(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull(LatentAnnotations.IsScaled) is not { Type: BooleanDataViewType })
        {
            return null;
        }

        var isScaled = false;
        column.Annotations.GetValue(LatentAnnotations.IsScaled, ref isScaled);
        return isScaled;
    }

    private static DataViewSchema.Annotations Annotate(LiteVaeEncodeOptions options, LiteVaeConfig config, int[] shape, Func<string> fingerprint)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add(LatentAnnotations.LatentShape, new VectorDataViewType(NumberDataViewType.Int32, shape.Length),
            (ref VBuffer<int> value) => new VBuffer<int>(shape.Length, shape).CopyTo(ref value));
        builder.AddPrimitiveValue(LatentAnnotations.IsScaled, BooleanDataViewType.Instance, options.ApplyScaling);
        builder.AddPrimitiveValue(LatentAnnotations.ScalingFactor, NumberDataViewType.Double, config.ScalingFactor);
        builder.AddPrimitiveValue(LatentAnnotations.ShiftFactor, NumberDataViewType.Double, config.ShiftFactor);
        builder.AddPrimitiveValue(LatentAnnotations.Model, TextDataViewType.Instance, config.Name.AsMemory());
        builder.Add(LatentAnnotations.EncoderSha256, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = fingerprint().AsMemory());
        return builder.ToAnnotations();
    }
}
