namespace LiteVae;

/// <summary>How near a reconstruction comes to its image.</summary>
/// <param name="Psnr">In dB; null for an exact reconstruction, whose PSNR is infinite.</param>
/// <param name="Ssim">Null where a side is under 11 pixels.</param>
internal readonly record struct ImageScore(double? Psnr, double? Ssim)
{
    /// <summary>Compares two images of the same size.</summary>
    public static ImageScore Of(RgbImage image, RgbImage reconstruction)
    {
        var psnr = LiteVae.Psnr.Compute(image, reconstruction);
        var hasSsim = Math.Min(image.Width, image.Height) >= LiteVae.Ssim.MinimumSide;
        return new ImageScore(double.IsFinite(psnr) ? psnr : null, hasSsim ? LiteVae.Ssim.Compute(image, reconstruction) : null);
    }
}
