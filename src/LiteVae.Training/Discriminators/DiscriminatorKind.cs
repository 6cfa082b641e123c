namespace LiteVae.Training;

/// <summary>Which discriminator judges the reconstructions.</summary>
public enum DiscriminatorKind
{
    /// <summary>A logit for the image and one for every pixel: the best rFID in the paper's Table 10.</summary>
    UNet,

    /// <summary>A logit for every patch of 70 x 70 pixels: the best PSNR there.</summary>
    Patch,
}
