using System.Diagnostics;
using LiteVae.Tests.Shared;

namespace LiteVae.Cli.Tests;

/// <summary>The sample web API, running on a free port until it is disposed.</summary>
internal sealed class WebSample : IAsyncDisposable
{
    private const string Announcement = "Now listening on: ";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    private WebSample(Process process, Uri address) => (_process, Address) = (process, address);

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Starts it and waits until it listens.</summary>
    public static async Task<WebSample> Start()
    {
        var process = Litevae.StartDotnet([SharedData.App("WebApp"), "--urls", "http://127.0.0.1:0"], SharedData.Repository);
        using var patience = new CancellationTokenSource(Patience);
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.IndexOf(Announcement, StringComparison.Ordinal) is >= 0 and var at)
            {
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None); // a full pipe would stop it
                _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
                return new WebSample(process, new Uri(line[(at + Announcement.Length)..]));
            }
        }

        throw new InvalidOperationException($"The sample ended before it listened: {await process.StandardError.ReadToEndAsync(patience.Token)}");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
