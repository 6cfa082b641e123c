using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace LiteVae.Training;

/// <summary>Refuses one PyTorch file: every message names it and the rule it breaks.</summary>
/// <param name="path">The file.</param>
internal sealed class Refusals(string path)
{
    /// <summary>The way out where a file holds more than tensors.</summary>
    public const string SaveTensorsAlone =
        "Nothing of it was executed. If you trust the file, save its tensors alone, in Python: import torch; "
        + "m = torch.load('FILE', map_location='cpu', weights_only=False); m = m.state_dict() if hasattr(m, 'state_dict') else m.get('state_dict', m); "
        + "torch.save({k: v for k, v in m.items() if torch.is_tensor(v)}, 'weights.pth')";

    /// <summary>The way out where the tensors are in a dictionary of another name. That name, which comes from the file, has no place in a command.</summary>
    public const string SaveInnerAlone =
        "If those are the weights and you trust the file, save them alone, in Python, with their name for NAME: import torch; "
        + "torch.save(torch.load('FILE', map_location='cpu', weights_only=False)['NAME'], 'weights.pth')";

    /// <summary>The way out where another program wrote or changed the file.</summary>
    public const string SaveAgain = "Save the tensors by their names again, with torch.save or as safetensors";

    /// <summary>States a rule of the format.</summary>
    /// <exception cref="InvalidDataException">It does not hold.</exception>
    public void Require([DoesNotReturnIf(false)] bool condition, [InterpolatedStringHandlerArgument(nameof(condition))] FaultText otherwise, string? wayOut = null)
    {
        if (!condition)
        {
            throw Because(otherwise.ToString(), wayOut);
        }
    }

    /// <summary>The exception for a fault.</summary>
    /// <param name="fault">A sentence without its full stop, with what comes from the file made printable.</param>
    /// <param name="wayOut">What to do, likewise.</param>
    public InvalidDataException Because(string fault, string? wayOut = null) => new($"{path}: PyTorch file refused: {fault}.{(wayOut is null ? "" : $" {wayOut}.")}");
}
