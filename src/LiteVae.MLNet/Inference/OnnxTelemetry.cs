using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LiteVae;

/// <summary>
/// ONNX Runtime's packages report usage to their maker unless told not to: on Linux and macOS they write an identifier of the machine and a database to the user's cache folder, and send it. Here
/// that is off unless the user wants it: <c>ORT_DISABLE_TELEMETRY=0</c>.
/// </summary>
internal static partial class OnnxTelemetry
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    // ONNX Runtime reads the variable when its environment is made, by C's getenv, which does not see what .NET sets: so C's setenv, before anything of this library runs.
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "It must come before the first call of ONNX Runtime, whichever that is.")]
    internal static void TurnOff()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = SetEnvironment(Variable, "1", overwrite: 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
