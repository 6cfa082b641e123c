namespace LiteVae.Tests.Inference;

/// <summary>Tests that hold tens of megabytes run by themselves: others measure what the process holds.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LargeImages
{
    public const string Name = "large images";
}
