namespace LiteVae.Training;

/// <summary>How a square is cut from a training image.</summary>
public enum CropKind
{
    /// <summary>The stage's resolution, cut anywhere, pixels as they are; from a smaller image the largest square, enlarged.</summary>
    Plain,

    /// <summary>A square of half to all of the image's short side, cut anywhere, resized to the stage's resolution (antialiased bicubic): objects of many scales.</summary>
    Resized,
}
