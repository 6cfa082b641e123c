using System.Runtime.CompilerServices;

namespace EncodeOnlyApp;

/// <summary>Prints, as the program ends, which native libraries it had loaded.</summary>
internal static class MappedLibraries
{
    [ModuleInitializer]
    internal static void PrintAtExit() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        var libraries = File.ReadLines("/proc/self/maps").Where(line => line.EndsWith(".so", StringComparison.Ordinal) || line.Contains(".so.", StringComparison.Ordinal))
            .Select(line => Path.GetFileName(line[line.IndexOf('/', StringComparison.Ordinal)..])).Distinct();
        Console.WriteLine($"native libraries: {string.Join(' ', libraries)}");
    };
}
