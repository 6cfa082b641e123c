namespace LiteVae;

/// <summary>How <see cref="LiteVaeModel"/> runs a model.</summary>
public sealed record LiteVaeModelOptions
{
    /// <summary>
    /// Where the model runs: <c>cpu</c> (default), <c>cuda</c> or <c>cuda:N</c>. A GPU that is not there is an error, never a run on the CPU.
    /// </summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Threads inside one operator on the CPU, 1 or more; null (default) leaves it to ONNX Runtime, one for each core.</summary>
    public int? Threads { get; init; }

    /// <summary>Path prefix of ONNX Runtime's profile files, or null (default) for none. <c>-encoder</c> or <c>-decoder</c> and a time are added.</summary>
    internal string? ProfilePrefix { get; init; }

    /// <summary>Checks every member.</summary>
    /// <exception cref="ArgumentException">Members are wrong; the message names all of them.</exception>
    public void Validate()
    {
        var faults = Faults().ToArray();
        if (faults.Length > 0)
        {
            throw new ArgumentException($"{nameof(LiteVaeModelOptions)}: {string.Join(" ", faults)}");
        }
    }

    /// <summary>One sentence for each wrong member.</summary>
    internal IEnumerable<string> Faults()
    {
        if (!DeviceSelection.TryParse(Device, out _))
        {
            yield return $"Device is '{Device}'; allowed are 'cpu', 'cuda' and 'cuda:N'.";
        }

        if (Threads is < 1)
        {
            yield return $"Threads is {Threads}; it must be at least 1, or null for ONNX Runtime's choice.";
        }
    }
}
