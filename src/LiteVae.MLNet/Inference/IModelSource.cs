namespace LiteVae;

/// <summary>Where a model's config and graphs come from: a folder, or a saved ML.NET pipeline.</summary>
internal interface IModelSource
{
    /// <summary>Where that is, for people.</summary>
    string Path { get; }

    /// <summary>What the model is.</summary>
    LiteVaeConfig Config { get; }

    /// <summary>The encoder's ONNX file, checked against the config.</summary>
    /// <exception cref="FileNotFoundException">The model has no encoder.</exception>
    /// <exception cref="InvalidDataException">The file is broken, does not fit the config, or is of another export.</exception>
    OnnxModelFile ReadEncoder();

    /// <summary>The decoder's ONNX file, checked against the config.</summary>
    /// <exception cref="FileNotFoundException">The model has no decoder.</exception>
    /// <exception cref="InvalidDataException">The file is broken, does not fit the config, or is of another export.</exception>
    OnnxModelFile ReadDecoder();
}
