using Microsoft.ML.Data;

namespace LiteVae;

/// <summary>A row of a loaded store. ML.NET asks only for the members whose columns are used, so a row costs what is read of it.</summary>
internal sealed class StoredLatent(LatentStore store, long image, LiteVaeLoadOptions options)
{
    private LatentRow? _row;

    /// <summary>The mean or a sample, [nz, h, w], or the moments, [2 nz, h, w].</summary>
    public float[] Latent
    {
        get
        {
            var posterior = store.Read(image, options.Flipped);
            float[] latent = options.Output switch
            {
                LatentOutput.Mean => posterior.Mean(0).ToArray(),
                LatentOutput.Sample => posterior.Sample(0, options.Seed, (UInt128)image),
                _ => posterior.Moments,
            };
            if (options.Scaled)
            {
                store.Scaling.ToScaled(latent, latent);
            }

            return latent;
        }
    }

    /// <summary>The image's key.</summary>
    public string Key => Row.Key;

    /// <summary>The image file.</summary>
    public string Source => Row.Source;

    /// <summary>The label; empty where there is none.</summary>
    public string Label => Row.Label ?? "";

    /// <summary>The caption; empty where there is none.</summary>
    public string Caption => Row.Caption ?? "";

    private LatentRow Row => _row ??= store.RowOf(image);

    /// <summary>The columns, with what is known of the latents as annotations.</summary>
    public static SchemaDefinition Schema(LatentStore store, LiteVaeLoadOptions options)
    {
        var schema = SchemaDefinition.Create(typeof(StoredLatent), SchemaDefinition.Direction.Read);
        var channels = store.Config.LatentChannels * (options.Output == LatentOutput.Moments ? 2 : 1);
        var (height, width) = store.ImageSizes is [var only] ? (only.Height / store.Config.DownsamplingFactor, only.Width / store.Config.DownsamplingFactor) : (0, 0);
        var latent = schema[nameof(Latent)];
        latent.ColumnType = height > 0 ? new VectorDataViewType(NumberDataViewType.Single, channels, height, width) : new VectorDataViewType(NumberDataViewType.Single);
        latent.AddAnnotation(LatentAnnotations.LatentShape, new VBuffer<int>(3, [channels, height, width]), new VectorDataViewType(NumberDataViewType.Int32, 3));
        latent.AddAnnotation(LatentAnnotations.IsScaled, options.Scaled, BooleanDataViewType.Instance);
        latent.AddAnnotation(LatentAnnotations.ScalingFactor, store.Scaling.Factor, NumberDataViewType.Double);
        latent.AddAnnotation(LatentAnnotations.ShiftFactor, store.Scaling.Shift, NumberDataViewType.Double);
        latent.AddAnnotation(LatentAnnotations.Model, store.Config.Name.AsMemory(), TextDataViewType.Instance);
        latent.AddAnnotation(LatentAnnotations.EncoderSha256, store.EncoderSha256.AsMemory(), TextDataViewType.Instance);
        return schema;
    }
}
