using System.Runtime.InteropServices;

namespace LiteVae.Benchmarks;

/// <summary>The processor that a time was measured on.</summary>
internal static class Processor
{
    /// <summary>Its name, as far as the system tells.</summary>
    public static string Name
    {
        get
        {
            const string info = "/proc/cpuinfo";
            var line = File.Exists(info) ? File.ReadLines(info).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
            return line?.Split(':', 2)[1].Trim() ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
        }
    }
}
