namespace LiteVae.Training;

/// <summary>One family of published weights: how to know it, and what it says about its architecture.</summary>
internal interface IWeightFormat
{
    /// <summary>What the family is called.</summary>
    string Name { get; }

    /// <summary>The first parts of the names of its networks' tensors. What is called otherwise, such as a discriminator, is left out.</summary>
    IReadOnlyList<string> Roots { get; }

    /// <summary>Whether tensors of these names are of this family.</summary>
    bool Knows(IReadOnlyCollection<string> names);

    /// <summary>The name and the shape that the network gives to a tensor of the file.</summary>
    (string Name, IReadOnlyList<long> Shape) Translate(WeightEntry entry);

    /// <summary>What the model's config will say, its architecture above all: from the family's own config where there is one, else from the tensors' shapes.</summary>
    /// <param name="shapes">The tensors, translated.</param>
    /// <param name="config">The family's own config file, or null.</param>
    /// <exception cref="InvalidDataException">The config is broken, or of something else; or the shapes give no architecture.</exception>
    LiteVaeConfig Configure(WeightShapes shapes, ConfigText? config);
}
