using Microsoft.Playwright;

namespace LiteVae.Report.Tests;

/// <summary>A report in a browser, and what went wrong with it.</summary>
internal sealed class OpenReport : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _faults = [];

    private OpenReport(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    /// <summary>Opens a page and watches it.</summary>
    public static async Task<OpenReport> Create(IBrowserContext context, string address)
    {
        var report = new OpenReport(context, await context.NewPageAsync());
        report.Page.Console += (_, message) => report._faults.Add($"console: {message.Text}");
        report.Page.PageError += (_, error) => report._faults.Add($"script: {error}");
        report.Page.Dialog += (_, dialog) =>
        {
            report._faults.Add($"dialog: {dialog.Message}");
            _ = dialog.DismissAsync();
        };
        report.Page.Request += (_, request) =>
        {
            if (request.Url != address && !request.Url.StartsWith("data:", StringComparison.Ordinal))
            {
                report._faults.Add($"request: {request.Url}");
            }
        };
        await report.Page.GotoAsync(address);
        return report;
    }

    /// <summary>What a script in the page gives.</summary>
    public Task<T> Ask<T>(string script) => Page.EvaluateAsync<T>(script);

    /// <summary>The first comparison of the page.</summary>
    public ILocator Figure => Page.Locator(".comparison").First;

    /// <summary>What the first comparison looks like, without the keyboard's ring.</summary>
    public async Task<byte[]> Look()
    {
        await Ask<object>("document.activeElement.blur()");
        return await Figure.Locator(".pictures").ScreenshotAsync();
    }

    /// <summary>Takes back what a test brought about on purpose; fails where it did not come about.</summary>
    public void Forgive(string part) => Assert.NotEqual(0, _faults.RemoveAll(fault => fault.Contains(part, StringComparison.Ordinal)));

    /// <summary>Closes the page, once nothing was wrong with it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        Assert.Empty(_faults);
    }
}
