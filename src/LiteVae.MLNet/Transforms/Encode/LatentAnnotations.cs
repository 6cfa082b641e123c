namespace LiteVae;

/// <summary>The names of the annotations on a column of latents.</summary>
public static class LatentAnnotations
{
    /// <summary>[channels, height, width] of a row's latent, three 32-bit integers; 0 stands for what differs from row to row.</summary>
    public const string LatentShape = "LatentShape";

    /// <summary>Whether the column holds scaled latents, a Boolean.</summary>
    public const string IsScaled = "IsScaled";

    /// <summary>The factor of (latent - shift) * factor, a double, whether it is applied or not.</summary>
    public const string ScalingFactor = "ScalingFactor";

    /// <summary>The shift of (latent - shift) * factor, a double, whether it is applied or not.</summary>
    public const string ShiftFactor = "ShiftFactor";

    /// <summary>The name of the model that encoded, a text.</summary>
    public const string Model = "Model";

    /// <summary>The model's fingerprint, a text: SHA-256 of the encoder's ONNX file in lower-case hexadecimal. Latents with the same value come from the same encoder.</summary>
    public const string EncoderSha256 = "EncoderSha256";
}
