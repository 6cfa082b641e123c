using LiteVae.Cli.Tests;
using LiteVae.Tests;
using LiteVae.Tests.Shared;

namespace LiteVae.Browser.Tests;

/// <summary>The reports, written once by the program itself, and a browser without a network to look at them.</summary>
public sealed class WrittenReports : IAsyncLifetime
{
    /// <summary>A name that is a tag to who does not escape it, and one that has no place to break a line.</summary>
    public const string HostileName = "<img src=x onerror=alert(1)> \"q\" 'a' &amp; {{rows}}.jpg";

    public static readonly string LongName = new string('n', 200) + ".jpg";

    private static readonly string[] Small = ["--size", "64"];

    private readonly TemporaryFolder _folder = new();
    private Chromium? _chromium;

    public async ValueTask InitializeAsync()
    {
        if (!Chromium.IsHere)
        {
            return;
        }

        Directory.CreateDirectory(_folder.At("photos"));
        var photos = Directory.GetFiles(Path.Combine(SharedData.Repository, "samples", "photos"), "*.jpg").Order(StringComparer.Ordinal).ToList();
        photos.ForEach(photo => File.Copy(photo, _folder.At($"photos/{Path.GetFileName(photo)}")));
        File.Copy(photos[0], _folder.At($"photos/{HostileName}"));
        File.Copy(photos[1], _folder.At($"photos/{LongName}"));
        Directory.CreateDirectory(_folder.At("many"));
        for (var i = 0; i < 45; i++)
        {
            File.Copy(photos[i % photos.Count], _folder.At($"many/{i:D2}.jpg"));
        }

        await Run(["reconstruct", _folder.At("photos"), "--out", _folder.At("reconstruct"), .. Small]);
        await Run(["eval", _folder.At("photos"), "--out", _folder.At("eval"), .. Small]);
        await Run(["reconstruct", _folder.At("many"), "--out", _folder.At("reconstruct-many"), "--size", "16"]);
        await Run(
        [
            "train", "--data", _folder.At("photos"), "--eval", _folder.At("photos"), "--out", _folder.At("train"), "--options",
            _folder.Write("train.json", """{ "Stages": [{ "Resolution": 32, "Steps": 4, "BatchSize": 2 }], "LogEvery": 1, "Evaluation": { "Every": 2, "Size": 64 } }"""),
        ]);

        _chromium = await Chromium.Start();
    }

    public async ValueTask DisposeAsync()
    {
        if (_chromium is not null)
        {
            await _chromium.DisposeAsync();
        }

        _folder.Dispose();
    }

    /// <summary>Opens a report as on a desk or on a phone; skips the test where there is no browser.</summary>
    internal async Task<OpenReport> Open(string report, bool onPhone = false)
    {
        Chromium.Require();
        var context = await _chromium!.Browser.NewContextAsync(new()
        {
            Offline = true,
            ViewportSize = onPhone ? new() { Width = 390, Height = 844 } : new() { Width = 1280, Height = 900 },
            IsMobile = onPhone,
            HasTouch = onPhone,
        });
        return await OpenReport.Create(context, new Uri(_folder.At($"{report}/report.html")).AbsoluteUri);
    }

    private static async Task Run(string[] arguments)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var program = Path.Combine(SharedData.Repository, "src", "LiteVae.Cli", "bin", configuration, "net10.0", "litevae.dll");
        (await Litevae.Finish(Litevae.StartDotnet([program, .. arguments], SharedData.Repository))).Expect(0);
    }
}
