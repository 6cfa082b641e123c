namespace LiteVae;

/// <summary>A model on disk: <c>config.json</c>, <c>vae_encoder/model.onnx</c>, <c>vae_decoder/model.onnx</c>; of this library, or of another program, whose config is found out.</summary>
/// <remarks>Nothing outside the folder is read: a link that leads out of it is refused.</remarks>
internal sealed class ModelFolder : IModelSource
{
    /// <summary>The model that ships with this library and is used where none is named.</summary>
    public const string DefaultModel = "litevae-s-f8c12";

    // files, inputs and outputs as Diffusers and Optimum call them
    public const string ConfigFile = "config.json";
    public const string EncoderFile = "vae_encoder/model.onnx";
    public const string DecoderFile = "vae_decoder/model.onnx";
    public const string EncoderInput = "sample";
    public const string EncoderOutput = "latent_parameters";
    public const string PlainEncoderOutput = "latent_sample";
    public const string DecoderInput = "latent_sample";
    public const string DecoderOutput = "sample";

    private const string EncoderConfigFile = "vae_encoder/config.json";
    private const string DecoderConfigFile = "vae_decoder/config.json";

    /// <summary>Configs have some hundred bytes; what is much larger is none.</summary>
    public const int MaxConfigBytes = 1 << 20;

    private ModelFolder(string path)
    {
        Path = path;
        Config = ReadConfig();
    }

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>What the model is.</summary>
    public LiteVaeConfig Config { get; }

    /// <summary>Finds a model and reads its config; the ONNX files are read when asked for.</summary>
    /// <param name="model">A folder, the name of a shipped model, or null for <see cref="DefaultModel"/>, which is looked for among the shipped ones only.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such model.</exception>
    /// <exception cref="FileNotFoundException">The folder holds no model.</exception>
    /// <exception cref="InvalidDataException">The config is wrong, or a file lies outside the folder.</exception>
    public static ModelFolder Open(string? model = null) => new(model is null ? ResolveShipped(DefaultModel) : Resolve(model));

    /// <summary>The names of the models that ship with this library.</summary>
    public static IReadOnlyList<string> ShippedModels() =>
        [.. ShippedRoots().Where(Directory.Exists).SelectMany(Directory.GetDirectories).Select(folder => System.IO.Path.GetFileName(folder)!).Distinct().Order()];

    /// <summary>The encoder's ONNX file, checked against the config.</summary>
    /// <exception cref="FileNotFoundException">The model has no encoder.</exception>
    /// <exception cref="InvalidDataException">The file is broken, does not fit the config, or is of another export.</exception>
    public OnnxModelFile ReadEncoder()
    {
        var file = ReadOfThisExport(EncoderFile);
        OnnxContract.Encoder(Config.EncodedChannels()).Require(file);
        return file;
    }

    /// <summary>The decoder's ONNX file, checked against the config.</summary>
    /// <exception cref="FileNotFoundException">The model has no decoder.</exception>
    /// <exception cref="InvalidDataException">The file is broken, does not fit the config, or is of another export.</exception>
    public OnnxModelFile ReadDecoder()
    {
        var file = ReadOfThisExport(DecoderFile);
        OnnxContract.Decoder(Config.LatentChannels).Require(file);
        return file;
    }

    private static string Resolve(string model)
    {
        if (Directory.Exists(model))
        {
            return System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(model));
        }

        if (File.Exists(model))
        {
            throw new DirectoryNotFoundException($"The model '{model}' is a file; name the folder that holds {ConfigFile}, {EncoderFile} and {DecoderFile}.");
        }

        return ResolveShipped(model);
    }

    // A folder of the same name that happens to lie in the current directory is not the shipped model.
    private static string ResolveShipped(string model)
    {
        var isName = model.Length > 0 && System.IO.Path.GetFileName(model) == model;
        return ShippedRoots().Select(root => System.IO.Path.Combine(root, model)).FirstOrDefault(path => isName && Directory.Exists(path))
            ?? throw new DirectoryNotFoundException(
                $"There is no model '{model}': it is neither a folder nor the name of a model that ships with the library"
                + $" ({(ShippedModels() is { Count: > 0 } names ? string.Join(", ", names) : $"none found in {string.Join(" or ", ShippedRoots())}")}).");
    }

    // Beside the program; beside the library; and in the library's package, two folders above lib/net10.0, which is where a notebook runs it.
    private static IEnumerable<string> ShippedRoots()
    {
        var library = System.IO.Path.GetDirectoryName(LibraryPath());
        var package = System.IO.Path.GetDirectoryName(System.IO.Path.GetDirectoryName(library));
        return new[] { AppContext.BaseDirectory, library, package }
            .Where(folder => !string.IsNullOrEmpty(folder))
            .Select(folder => System.IO.Path.Combine(folder!, "models"))
            .Distinct();
    }

    // Empty in a single-file program, where the library has no file of its own.
    private static string LibraryPath() => typeof(ModelFolder).Module.FullyQualifiedName is { } name && File.Exists(name) ? name : "";

    private LiteVaeConfig ReadConfig()
    {
        var path = Inside(ConfigFile);
        if (ReadText(ConfigFile) is { } text)
        {
            return DiffusersConfig.Parse(text, path) is { } foreign ? DescribeForeign(foreign) : LiteVaeConfig.Parse(text, path);
        }

        var onnx = new[] { EncoderFile, DecoderFile }.Select(Inside).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"{Path}: not a model folder: it has neither {ConfigFile} nor {EncoderFile} nor {DecoderFile}.", path);
        return OnnxModelFile.Read(onnx).Metadata(LiteVaeConfig.MetadataKey) is { } metadata
            ? LiteVaeConfig.Parse(metadata, $"{onnx} (metadata '{LiteVaeConfig.MetadataKey}')")
            : DescribeForeign(null);
    }

    /// <summary>The config of another program's model. Diffusers keeps its own in the folder, Optimum beside each graph.</summary>
    private LiteVaeConfig DescribeForeign(DiffusersConfig? inRoot)
    {
        var beside = new[] { EncoderConfigFile, DecoderConfigFile }.Select(file => ReadText(file) is { } text ? DiffusersConfig.Parse(text, Inside(file)) : null);
        var encoder = OnnxModelFile.Read(Inside(EncoderFile));
        var decoder = File.Exists(Inside(DecoderFile)) ? OnnxModelFile.Read(Inside(DecoderFile)) : null;
        return ForeignModel.Describe(System.IO.Path.GetFileName(Path), inRoot ?? beside.FirstOrDefault(config => config is not null) ?? DiffusersConfig.None, encoder, decoder);
    }

    private string? ReadText(string relative)
    {
        var path = Inside(relative);
        return File.Exists(path) ? RegularFile.ReadText(path, MaxConfigBytes) : null;
    }

    // The files are read when they are first used: an export into the same folder may have happened since the config was read.
    private OnnxModelFile ReadOfThisExport(string relative)
    {
        var path = Inside(relative);
        var file = OnnxModelFile.Read(path);
        if (file.Metadata(LiteVaeConfig.MetadataKey) is { } text)
        {
            var config = LiteVaeConfig.Parse(text, $"{path} (metadata '{LiteVaeConfig.MetadataKey}')");
            if (Identity(config) != Identity(Config))
            {
                throw new InvalidDataException(
                    $"{path}: this file has another architecture than the folder's {ConfigFile}: they come from two exports. Load the model again, or export it again.");
            }
        }

        return file;
    }

    // As text, since a record compares its lists by reference. The name may be edited, and what is measured after the export, such as the scaling factor.
    private static string Identity(LiteVaeConfig config) =>
        new LiteVaeConfig { Architecture = config.Architecture, LatentChannels = config.LatentChannels }.ToJson();

    private string Inside(string relative)
    {
        var path = System.IO.Path.Combine(Path, relative.Replace('/', System.IO.Path.DirectorySeparatorChar));
        var root = CanonicalPath.Of(Path);
        var real = CanonicalPath.Of(path);
        return real.StartsWith(root + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new InvalidDataException($"{path}: this is a link to {real}, outside the model's folder, which is refused. Put the file itself there.");
    }
}
