using System.Text.Json;
using System.Text.Json.Serialization;

namespace LiteVae.Training;

/// <summary>The run's <c>log.jsonl</c>: one <see cref="TrainingProgress"/> a line.</summary>
internal sealed class TrainingLog(string run)
{
    private readonly string _path = Path.Combine(run, "log.jsonl");

    /// <summary>Appends a line.</summary>
    public void Append(TrainingProgress progress)
    {
        using var stream = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read);
        using var writer = new StreamWriter(stream);
        writer.Write(JsonSerializer.Serialize(progress, LogJson.Default.TrainingProgress) + "\n");
    }

    /// <summary>The lines so far; one that a killed process left half-written is passed over.</summary>
    public IReadOnlyList<TrainingProgress> Read() => File.Exists(_path) ? [.. File.ReadLines(_path).Select(Parse).OfType<TrainingProgress>()] : [];

    /// <summary>Drops the lines of steps that a resumed run will do again.</summary>
    public void Truncate(long stepsDone)
    {
        var kept = Read().Where(p => p.StepsDone <= stepsDone).Select(p => JsonSerializer.Serialize(p, LogJson.Default.TrainingProgress) + "\n");
        AtomicFile.WriteAllText(_path, string.Concat(kept));
    }

    private static TrainingProgress? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, LogJson.Default.TrainingProgress);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(TrainingProgress))]
internal sealed partial class LogJson : JsonSerializerContext;
