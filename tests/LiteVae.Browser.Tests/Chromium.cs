using Microsoft.Playwright;

namespace LiteVae.Browser.Tests;

/// <summary>The system's browser, driven by Playwright; nothing where there is none.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private const string Program = "/usr/bin/chromium";

    private readonly IPlaywright _playwright;

    private Chromium(IPlaywright playwright, IBrowser browser) => (_playwright, Browser) = (playwright, browser);

    public IBrowser Browser { get; }

    /// <summary>Whether there is one.</summary>
    public static bool IsHere => OperatingSystem.IsLinux() && Environment.Is64BitProcess && File.Exists(Program) && Directory.Exists(Path.Combine(AppContext.BaseDirectory, ".playwright"));

    /// <summary>Skips the test where there is none.</summary>
    public static void Require() => Assert.SkipUnless(IsHere, $"{Program} is not here: apt-get install chromium (on Linux x64)");

    /// <summary>Starts it.</summary>
    public static async Task<Chromium> Start()
    {
        var playwright = await Playwright.CreateAsync();
        return new Chromium(playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Program, Args = Environment.UserName == "root" ? ["--no-sandbox"] : [] }));
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        _playwright.Dispose();
    }
}
