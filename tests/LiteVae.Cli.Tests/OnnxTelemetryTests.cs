using LiteVae.Tests;
using LiteVae.Tests.Shared;

namespace LiteVae.Cli.Tests;

public sealed class OnnxTelemetryTests : IDisposable
{
    private readonly TemporaryFolder _home = new();

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("0")] // who wants it: this also shows that its traces are where the test looks for them
    public async Task Nothing_is_reported_to_the_makers_of_ONNX_Runtime_unless_the_user_wants_it(string? variable)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Where the traces lie is known of Linux alone.");

        // ONNX Runtime is silent by itself where it finds that it runs in continuous integration
        var environment = new Dictionary<string, string> { ["HOME"] = _home.Root, ["XDG_CACHE_HOME"] = _home.At(".cache"), ["DOTNET_CLI_HOME"] = _home.Root };
        if (variable is not null)
        {
            environment["ORT_DISABLE_TELEMETRY"] = variable;
        }

        var photo = Path.Combine(SharedData.Repository, "samples", "photos", "coffee.jpg");
        (await Litevae.Run(["eval", photo, "--size", "64"], environment)).Expect(0);
        var traces = Directory.EnumerateFiles(_home.Root, "*", SearchOption.AllDirectories).Where(file => file.Contains("onnxruntime", StringComparison.Ordinal)).ToList();
        if (variable is null)
        {
            Assert.Empty(traces);
        }
        else
        {
            Assert.SkipWhen(traces.Count == 0, "ONNX Runtime reports nothing here even if it may.");
        }
    }
}
