using System.Text.Json.Nodes;

namespace LiteVae.Training;

/// <summary>Whether weights are those of the network that is to be trained. Not told by the tensors alone: other networks may have some of the same names and shapes.</summary>
internal static class ArchitectureDifference
{
    /// <summary>Refuses weights of another architecture.</summary>
    /// <param name="found">What the weights were trained as.</param>
    /// <param name="wanted">What is to be trained.</param>
    /// <param name="subject">What the weights are, as the message begins.</param>
    /// <exception cref="InvalidDataException">They differ; the message names the members that do.</exception>
    public static void Refuse(LiteVaeArchitecture found, LiteVaeArchitecture wanted, string subject)
    {
        var (before, now) = (Tree(found), Tree(wanted));
        var different = now.Select(member => member.Key).Where(name => !JsonNode.DeepEquals(before[name], now[name])).ToList();
        if (different.Count > 0)
        {
            var members = different.Select(name => $"its {name} is {before[name]?.ToJsonString() ?? "null"}, not {now[name]?.ToJsonString() ?? "null"}");
            throw new InvalidDataException($"{subject} is of another architecture: {string.Join("; ", members)}.");
        }
    }

    private static JsonObject Tree(LiteVaeArchitecture architecture) =>
        JsonNode.Parse(new LiteVaeTrainerOptions { Architecture = architecture }.ToJson())![nameof(LiteVaeTrainerOptions.Architecture)]!.AsObject();
}
