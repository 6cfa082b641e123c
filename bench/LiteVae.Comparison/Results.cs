using LiteVae.Comparison.Peers;

namespace LiteVae.Comparison;

/// <summary>All that the page tells.</summary>
/// <param name="Peers">Who took part.</param>
/// <param name="Sets">What was measured of them.</param>
/// <param name="Pictures">What is shown of them.</param>
/// <param name="Failures">Where the first of them fails.</param>
/// <param name="Times">What they cost.</param>
/// <param name="Protocol">How it was measured.</param>
internal sealed record Results(IReadOnlyList<PeerFacts> Peers, IReadOnlyList<SetScores> Sets, IReadOnlyList<Picture> Pictures, Failures Failures, Times Times, string Protocol);

/// <summary>The peers' means over a set of images.</summary>
/// <param name="Name">What the set is called.</param>
/// <param name="Images">Images in it.</param>
/// <param name="Size">Their size.</param>
/// <param name="Means">The means, in the peers' order.</param>
internal sealed record SetScores(string Name, int Images, string Size, IReadOnlyList<Score> Means);

/// <summary>How near a reconstruction comes, or many on the average.</summary>
/// <param name="Psnr">In dB; null where it is exact.</param>
/// <param name="Ssim">Null where a side is under 11 pixels.</param>
/// <param name="Lpips">Null where it was not asked for, or the image is too small for it.</param>
internal sealed record Score(double? Psnr, double? Ssim, double? Lpips);

/// <summary>A strip of crops.</summary>
/// <param name="File">The picture, relative to the page.</param>
/// <param name="Photo">What the photo is called.</param>
/// <param name="Choice">Why this one.</param>
/// <param name="Shown">Who is shown, from the second crop on, with the PSNR of the whole photo in dB.</param>
internal sealed record Picture(string File, string Photo, string Choice, IReadOnlyList<(string Name, double? Psnr)> Shown);

/// <summary>The windows that come back worst.</summary>
/// <param name="File">The picture, relative to the page.</param>
/// <param name="Windows">Each window's photo and PSNR in dB, from the left.</param>
internal sealed record Failures(string File, IReadOnlyList<(string Photo, double? Psnr)> Windows);

/// <summary>Processor time of one image, encoded and decoded.</summary>
/// <param name="Milliseconds">The medians, in the peers' order.</param>
/// <param name="Size">The image's size.</param>
/// <param name="Processor">Where.</param>
internal sealed record Times(IReadOnlyList<double> Milliseconds, string Size, string Processor);
