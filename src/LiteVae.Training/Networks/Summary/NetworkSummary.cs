using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Size and work of an architecture, counted without weights or data.</summary>
/// <param name="Encoder">Image to moments.</param>
/// <param name="Decoder">Latent to image.</param>
internal sealed record NetworkSummary(NetworkHalf Encoder, NetworkHalf Decoder)
{
    /// <summary>Counts an architecture for one image of H x W, multiples of its downsampling factor.</summary>
    /// <remarks>Multiply-adds are those of convolutions, of matrices, and of the attention's two products; wavelets, norms and activations are not counted.</remarks>
    /// <exception cref="DllNotFoundException">There is no libtorch.</exception>
    public static NetworkSummary Of(ModelArchitecture architecture, int height, int width)
    {
        NativeTorch.EnsureLoaded();
        using var network = AutoencoderNetwork.Create(architecture, META);
        var pixels = (long)height * width;
        return network switch
        {
            LiteVaeNetwork own => LiteVaeSummary.Of(own, pixels),
            OpenLiteVaeNetwork open => OpenLiteVaeSummary.Of(open, pixels),
            AutoencoderKLNetwork kl => AutoencoderKLSummary.Of(kl, pixels),
            _ => throw new NotSupportedException($"A {network.GetType().Name} cannot be counted."),
        };
    }
}

/// <summary>One half of a network.</summary>
/// <param name="Parts">Its parts in the order in which they work.</param>
/// <param name="ReceptiveField">Pixels along a side that one output value depends on, or null where it is the whole image (GroupNorm, attention).</param>
internal sealed record NetworkHalf(IReadOnlyList<NetworkPart> Parts, int? ReceptiveField)
{
    /// <summary>Parameters of all parts.</summary>
    public long Parameters => Parts.Sum(part => part.Parameters);

    /// <summary>Multiply-adds of all parts, for one image.</summary>
    public long MultiplyAdds => Parts.Sum(part => part.MultiplyAdds);
}
