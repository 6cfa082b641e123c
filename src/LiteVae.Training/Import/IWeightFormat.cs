namespace LiteVae.Training;

/// <summary>One family of published weights: how to know it, and what it says about its architecture.</summary>
internal interface IWeightFormat
{
    /// <summary>What the family is called.</summary>
    string Name { get; }

    /// <summary>How names of tensors begin that only this family has.</summary>
    string Mark { get; }

    /// <summary>What its architectures are.</summary>
    Type ArchitectureType { get; }

    /// <summary>The first parts of the names of its networks' tensors. What is called otherwise, such as a discriminator, is left out.</summary>
    IReadOnlyList<string> Roots { get; }

    /// <summary>The name and the shape that the network gives to a tensor of the file.</summary>
    (string Name, IReadOnlyList<long> Shape) Translate(WeightEntry entry);

    /// <summary>What the model's config will say, its architecture above all: from the family's own config where there is one, else from the tensors' shapes.</summary>
    /// <param name="shapes">The tensors, translated.</param>
    /// <param name="config">The family's own config file, or null.</param>
    /// <returns>The config, whose values are not checked yet, and where its scaling comes from.</returns>
    /// <exception cref="InvalidDataException">The config is broken, or of something else; or the shapes give no architecture.</exception>
    (LiteVaeConfig Config, ScalingSource Scaling) Configure(WeightShapes shapes, ConfigText? config);
}
