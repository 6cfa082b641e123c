using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace LiteVae.Training;

/// <summary>A file with one JSON object a line, appended to as a run goes.</summary>
/// <typeparam name="T">What a line holds.</typeparam>
/// <param name="path">The file.</param>
/// <param name="type">How it is written.</param>
internal sealed class JsonLines<T>(string path, JsonTypeInfo<T> type)
    where T : class
{
    /// <summary>Appends a line.</summary>
    public void Append(T value)
    {
        using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        using var writer = new StreamWriter(stream);
        writer.Write(JsonSerializer.Serialize(value, type) + "\n");
    }

    /// <summary>The lines so far; one that a killed process left half-written is passed over.</summary>
    public IReadOnlyList<T> Read() => File.Exists(path) ? [.. File.ReadLines(path).Select(Parse).OfType<T>()] : [];

    /// <summary>Drops the lines that are not to be kept: those of steps that a resumed run will do again.</summary>
    public void Keep(Func<T, bool> keep) => AtomicFile.WriteAllText(path, string.Concat(Read().Where(keep).Select(value => JsonSerializer.Serialize(value, type) + "\n")));

    private T? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(TrainingProgress))]
[JsonSerializable(typeof(TrainingEvaluation))]
[JsonSerializable(typeof(ReportWarning))]
[JsonSerializable(typeof(HeldOutPictures))]
internal sealed partial class LogJson : JsonSerializerContext;
