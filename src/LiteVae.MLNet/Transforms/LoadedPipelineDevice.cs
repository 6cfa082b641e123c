using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace LiteVae;

/// <summary>The device that an MLContext asks for in the pipelines it loads, in place of the one they were saved with.</summary>
internal static class LoadedPipelineDevice
{
    private const string Option = "LiteVae.Device";

    /// <summary>Sets it.</summary>
    public static void Set(MLContext context, string device) => context.SetOption(Option, device);

    /// <summary>The device asked for, or null for that of the saved pipeline.</summary>
    public static string? Of(IHostEnvironment environment) =>
        environment is IHostEnvironmentInternal options && options.TryGetOption<string>(Option, out var device) ? device : null;
}
