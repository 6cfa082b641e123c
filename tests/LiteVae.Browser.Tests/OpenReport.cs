using Microsoft.Playwright;

namespace LiteVae.Browser.Tests;

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

    /// <summary>Whether two looks are the same but for the rounding of a browser that draws anew: its own pixels say so.</summary>
    public async Task<bool> AreAlike(byte[] one, byte[] other) => await Page.EvaluateAsync<double>(
        """
        async pictures => {
          const [one, other] = await Promise.all(pictures.map(async picture => {
            const image = new Image();
            image.src = "data:image/png;base64," + picture;
            await image.decode();
            const canvas = document.createElement("canvas");
            [canvas.width, canvas.height] = [image.width, image.height];
            const context = canvas.getContext("2d");
            context.drawImage(image, 0, 0);
            return context.getImageData(0, 0, image.width, image.height).data;
          }));
          return one.length === other.length ? one.reduce((sum, value, i) => sum + Math.abs(value - other[i]), 0) / one.length : 255;
        }
        """,
        new[] { Convert.ToBase64String(one), Convert.ToBase64String(other) }) < 0.25;

    /// <summary>Takes back what a test brought about on purpose; fails where it did not come about.</summary>
    public void Forgive(string part) => Assert.NotEqual(0, _faults.RemoveAll(fault => fault.Contains(part, StringComparison.Ordinal)));

    /// <summary>Closes the page, once nothing was wrong with it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        Assert.Empty(_faults);
    }
}
