using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace LiteVae;

/// <summary>
/// How one of our components is kept in ML.NET's model file: the names of its columns behind ML.NET's header, its options and the model's config as JSON, and the
/// ONNX files it runs, byte for byte, each as an entry of the zip.
/// </summary>
/// <param name="component">The component as users know it, for errors.</param>
/// <param name="signature">Eight ASCII characters that mark the component in its header.</param>
/// <param name="encodes">Whether it runs the encoder.</param>
/// <param name="decodes">Whether it runs the decoder.</param>
internal sealed class ModelZip(string component, string signature, bool encodes, bool decodes)
{
    /// <summary>The format: what this version writes, and reads. To be raised when an older library would misread what a newer one writes.</summary>
    private const uint Version = 0x00010001;

    private const string OptionsEntry = "Options.json";
    private const string ConfigEntry = "Config.json";
    private const string EncoderEntry = "Encoder.onnx";
    private const string DecoderEntry = "Decoder.onnx";

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, // what a later version adds and nobody sets does not keep an older one from reading
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Writes a component.</summary>
    public void Save(ModelSaveContext context, string outputColumnName, string inputColumnName, LiteVaeTransformOptions options, LiteVaeModel model)
    {
        context.CheckAtModel();

        // The simple name of the assembly: with the full one a model saved by a newer version of it would not load.
        context.SetVersionInfo(new VersionInfo(signature, Version, Version, Version, typeof(ModelZip).Assembly.GetName().Name, component));
        context.SaveNonEmptyString(outputColumnName);
        context.SaveNonEmptyString(inputColumnName);
        WriteEntry(context, OptionsEntry, JsonSerializer.SerializeToUtf8Bytes(options, options.GetType(), Json));
        WriteEntry(context, ConfigEntry, Encoding.UTF8.GetBytes(model.Config.ToJson()));
        if (encodes)
        {
            WriteEntry(context, EncoderEntry, model.ReadEncoder().Bytes);
        }

        if (decodes)
        {
            WriteEntry(context, DecoderEntry, model.ReadDecoder().Bytes);
        }
    }

    /// <summary>Reads a component back. The model's graphs are looked through when they are first run.</summary>
    /// <remarks>ML.NET calls loaders by reflection and hands their errors on as inner exceptions, so the reason goes into the log as well.</remarks>
    /// <exception cref="InvalidDataException">It is of another kind or a newer format, or a part of it is missing or broken.</exception>
    public SavedComponent<TOptions> Load<TOptions>(IHostEnvironment environment, ModelLoadContext context)
        where TOptions : LiteVaeTransformOptions
    {
        try
        {
            return Read<TOptions>(environment, context);
        }
        catch (Exception e)
        {
            using var channel = environment.Start("Load");
            channel.Error("{0}", e.Message);
            throw;
        }
    }

    private SavedComponent<TOptions> Read<TOptions>(IHostEnvironment environment, ModelLoadContext context)
        where TOptions : LiteVaeTransformOptions
    {
        RequireReadable(context);
        var output = context.LoadNonEmptyString();
        var input = context.LoadNonEmptyString();
        var options = ReadOptions<TOptions>(environment, ReadEntry(context, OptionsEntry));
        var config = LiteVaeConfig.Parse(Encoding.UTF8.GetString(ReadEntry(context, ConfigEntry)), $"{Name} ({ConfigEntry})");
        RequireFit(options, config);
        var source = new EmbeddedModel(Name, config, encodes ? ReadEntry(context, EncoderEntry) : null, decodes ? ReadEntry(context, DecoderEntry) : null);
        return new SavedComponent<TOptions>(output, input, options, source);
    }

    private string Name => $"{component} in the saved pipeline";

    private void RequireReadable(ModelLoadContext context)
    {
        context.CheckAtModel();
        var expected = new VersionInfo(signature, Version, Version, Version, null, component);
        if (context.Header.ModelSignature != expected.ModelSignature)
        {
            throw Broken($"its header does not have the mark '{signature}'");
        }

        if (context.Header.ModelVerReadable > Version)
        {
            throw new InvalidDataException(
                $"{Name} was saved by a newer LiteVae.MLNet: its format is {Show(context.Header.ModelVerReadable)}, this version reads up to {Show(Version)}. Update the package LiteVae.MLNet.");
        }

        context.CheckVersionInfo(expected);

        static string Show(uint version) => $"{version >> 16}.{version & 0xFFFF}";
    }

    private void RequireFit(LiteVaeTransformOptions options, LiteVaeConfig config)
    {
        try
        {
            options.RequireFit(config);
        }
        catch (ArgumentException e)
        {
            throw Broken(e.Message, e);
        }
    }

    private TOptions ReadOptions<TOptions>(IHostEnvironment environment, byte[] json)
        where TOptions : LiteVaeTransformOptions
    {
        try
        {
            var options = JsonSerializer.Deserialize<TOptions>(json, Json) ?? throw Broken($"{OptionsEntry} is 'null'");
            options = LoadedPipelineDevice.Of(environment) is { } device ? options with { Device = device } : options;
            options.Validate();
            return options;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw Broken($"{OptionsEntry}: {e.Message}", e);
        }
    }

    private InvalidDataException Broken(string reason, Exception? inner = null) => new($"{Name} cannot be read: {reason}. Save the pipeline again.", inner);

    private static void WriteEntry(ModelSaveContext context, string name, byte[] bytes) => context.SaveBinaryStream(name, writer => writer.Write(bytes));

    private byte[] ReadEntry(ModelLoadContext context, string name)
    {
        byte[]? bytes = null;
        context.TryLoadBinaryStream(name, reader =>
        {
            // The entry's own length, which ML.NET found by unpacking it: no number in the file decides what is allocated.
            if (reader.BaseStream.Length > Array.MaxLength)
            {
                throw Broken($"{name} has {reader.BaseStream.Length} bytes, where {Array.MaxLength} are allowed");
            }

            bytes = new byte[reader.BaseStream.Length];
            reader.BaseStream.ReadExactly(bytes);
        });
        return bytes is { Length: > 0 } ? bytes : throw Broken($"{name} is missing or empty");
    }
}

/// <summary>What a component was, before it was saved.</summary>
/// <param name="OutputColumnName">Its output column.</param>
/// <param name="InputColumnName">Its input column.</param>
/// <param name="Options">Its options, with the device on which it is to run now.</param>
/// <param name="Source">The model.</param>
internal sealed record SavedComponent<TOptions>(string OutputColumnName, string InputColumnName, TOptions Options, EmbeddedModel Source)
    where TOptions : LiteVaeTransformOptions
{
    /// <summary>Makes the model, which the caller owns.</summary>
    public LiteVaeModel CreateModel() => new(Source, Options.ModelOptions);
}
