namespace LiteVae.Training;

/// <summary>An image and what a network makes of it.</summary>
/// <param name="Key">What names the image.</param>
/// <param name="Image">The image as the network got it: cropped, where a size was asked for.</param>
/// <param name="Reconstruction">The output, of the same size.</param>
/// <param name="Score">How near it comes.</param>
/// <param name="Lpips">The perceptual distance, or null where none was asked for.</param>
internal sealed record ReconstructionPair(string Key, RgbImage Image, RgbImage Reconstruction, ImageScore Score, double? Lpips);

/// <summary>What an <see cref="Evaluator"/> found. Means are those of the images that have the number.</summary>
/// <param name="Images">The numbers of each image evaluated, in the folder's order.</param>
/// <param name="Unreadable">Images that could not be read, which are in none of the numbers.</param>
/// <param name="Psnr">Mean of the images' dB; null where every reconstruction is exact.</param>
/// <param name="Ssim">Mean of the images' SSIM; null where every image has a side under 11 pixels.</param>
/// <param name="Lpips">Mean of the images' LPIPS; null where it was not asked for.</param>
/// <param name="Latents">What the latents are like.</param>
/// <param name="Samples">A few images spread over the folder, the same ones every time.</param>
/// <param name="Worst">The images of the least PSNR, the worst one first.</param>
internal sealed record Evaluation(
    IReadOnlyList<ImageNumbers> Images, int Unreadable, double? Psnr, double? Ssim, double? Lpips, LatentReport Latents, IReadOnlyList<ReconstructionPair> Samples, IReadOnlyList<ReconstructionPair> Worst);
