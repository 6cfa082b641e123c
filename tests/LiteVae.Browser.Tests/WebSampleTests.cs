using LiteVae.Cli.Tests;
using LiteVae.Tests.Shared;
using Microsoft.Playwright;

namespace LiteVae.Browser.Tests;

/// <summary>The sample web API's page, as its visitor uses it.</summary>
public sealed class WebSampleTests
{
    private static readonly string Photo = Path.Combine(SharedData.Repository, "samples", "photos", "coffee.jpg");

    [Theory]
    [InlineData(1280, 900)]
    [InlineData(390, 844)] // a phone
    public async Task A_photo_that_is_chosen_or_dropped_comes_back_beside_itself(int width, int height)
    {
        Chromium.Require();
        await using var sample = await WebSample.Start();
        await using var chromium = await Chromium.Start();
        var page = await (await chromium.Browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = height } })).NewPageAsync();
        List<string> faults = [];
        page.Console += (_, message) => faults.Add(message.Text);
        page.PageError += (_, error) => faults.Add(error);
        await page.GotoAsync(sample.Address.AbsoluteUri);

        // chosen
        await page.SetInputFilesAsync("#file", Photo);
        await Says("PSNR");
        Assert.Matches(@"^PSNR [23]\d\.\d\d dB, \d+ ms$", await page.InnerTextAsync("#status"));
        Assert.True(await page.EvaluateAsync<bool>("(a => a[0].naturalWidth === a[1].naturalWidth && a[0].naturalWidth > 300 && a.every(image => image.getBoundingClientRect().width > 300))([document.getElementById('input'), document.getElementById('output')])"));
        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));

        // the slider, by keyboard
        Assert.Equal("inset(0px 0px 0px 50%)", await Clip());
        await page.PressAsync("#slider", "End");
        Assert.Equal("inset(0px 0px 0px 100%)", await Clip());

        // dropped: what is no picture is refused, a photo is taken
        await Drop("notes.txt", "text/plain", "bm90IGEgcGljdHVyZQ==");
        await Says("did not work");
        Assert.False(await page.IsVisibleAsync("#pair"));
        await Drop("photo.jpg", "image/jpeg", Convert.ToBase64String(await File.ReadAllBytesAsync(Photo)));
        await Says("PSNR");
        Assert.True(await page.IsVisibleAsync("#output"));
        Assert.Empty(faults);

        Task Says(string text) => Assertions.Expect(page.Locator("#status")).ToContainTextAsync(text, new() { Timeout = 30_000 });

        Task<string> Clip() => page.EvaluateAsync<string>("getComputedStyle(document.getElementById('output')).clipPath");

        Task Drop(string name, string type, string base64) => page.EvaluateAsync(
            """
            async ([name, type, base64]) => {
              const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0));
              const transfer = new DataTransfer();
              transfer.items.add(new File([bytes], name, { type }));
              document.getElementById('drop').dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: transfer }));
            }
            """,
            new[] { name, type, base64 });
    }
}
