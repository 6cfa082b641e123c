namespace LiteVae.Browser.Tests;

/// <summary>What a reader sees and does. Every page is watched: a message on the console, a dialog, or a request for anything but the page fails the test.</summary>
public sealed class ReportTests(WrittenReports reports) : IClassFixture<WrittenReports>
{
    private const string PsnrColumn = "[...document.querySelectorAll('.images tbody tr')].map(row => Number(row.cells[2].innerText))";

    [Theory]
    [InlineData("reconstruct")]
    [InlineData("eval")]
    [InlineData("train")]
    public async Task Pictures_are_inside_the_page_and_everything_has_a_name_for_a_screen_reader(string report)
    {
        await using var open = await reports.Open(report);
        await open.Ask<object>("Promise.all([...document.images].map(image => { image.loading = 'eager'; return image.decode(); }))");
        Assert.True(await open.Ask<bool>("document.images.length >= 24 && [...document.images].every(image => image.naturalWidth > 0 && image.src.startsWith('data:image/'))"));
        Assert.True(await open.Ask<bool>("[...document.images].every(image => image.alt.length > 3)"));
        Assert.True(await open.Ask<bool>("[...document.querySelectorAll('input, progress')].every(control => control.getAttribute('aria-label'))"));
        Assert.True(await open.Ask<bool>("[...document.querySelectorAll('button')].every(button => button.innerText || button.getAttribute('aria-label'))"));
    }

    [Theory]
    [InlineData("reconstruct")]
    [InlineData("eval")]
    [InlineData("train")]
    public async Task The_policy_lets_nothing_else_run_or_load(string report)
    {
        await using var open = await reports.Open(report);
        Assert.False(await open.Ask<bool>("(() => { const script = document.createElement('script'); script.textContent = 'window.ran = true'; document.body.append(script); return !!window.ran; })()"));
        var policy = await open.Ask<string>("document.querySelector('meta[http-equiv=Content-Security-Policy]').content");
        Assert.StartsWith("default-src 'none'; img-src data:; ", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        open.Forgive("violates the following Content Security Policy");
    }

    [Theory]
    [InlineData("reconstruct")]
    [InlineData("eval")]
    [InlineData("train")]
    public async Task Nothing_is_wider_than_a_phone(string report)
    {
        await using var open = await reports.Open(report, onPhone: true);
        Assert.Equal(390, await open.Ask<int>("innerWidth"));
        Assert.Equal(390, await open.Ask<int>("document.documentElement.scrollWidth"));
        await open.Ask<object>("document.querySelectorAll('details').forEach(part => part.open = true)");
        Assert.Equal(390, await open.Ask<int>("document.documentElement.scrollWidth"));
    }

    [Theory]
    [InlineData("reconstruct")]
    [InlineData("train")]
    public async Task The_slider_divides_input_from_output_and_moves_by_keyboard_and_mouse(string report)
    {
        await using var open = await reports.Open(report);
        var (slider, pictures) = (open.Figure.Locator("input"), open.Figure.Locator(".pictures"));
        Assert.Equal("inset(0px 0px 0px 50%)", await Clip());

        await slider.PressAsync("ArrowRight");
        Assert.Equal("inset(0px 0px 0px 51%)", await Clip());
        Assert.Equal("51 % input", await slider.GetAttributeAsync("aria-valuetext"));
        await slider.PressAsync("ArrowLeft");
        await slider.PressAsync("ArrowLeft");
        Assert.Equal("inset(0px 0px 0px 49%)", await Clip());

        // at its ends one of the two is all that is seen
        await slider.PressAsync("Home");
        var output = await open.Look();
        Assert.True(await open.AreAlike(output, await Without("input")));
        await slider.PressAsync("End");
        var input = await open.Look();
        Assert.True(await open.AreAlike(input, await Without("output")));
        Assert.False(await open.AreAlike(output, input));

        var box = (await pictures.BoundingBoxAsync())!;
        await open.Page.Mouse.MoveAsync(box.X + (box.Width * 0.9f), box.Y + (box.Height / 2));
        await open.Page.Mouse.DownAsync();
        await open.Page.Mouse.MoveAsync(box.X + (box.Width * 0.25f), box.Y + (box.Height / 3));
        await open.Page.Mouse.UpAsync();
        Assert.InRange(int.Parse(await slider.InputValueAsync()), 24, 26);

        Task<string> Clip() => open.Ask<string>("getComputedStyle(document.querySelector('.comparison img.output')).clipPath");

        async Task<byte[]> Without(string kind)
        {
            await open.Ask<object>($"document.querySelector('.comparison img.{kind}').style.visibility = 'hidden'");
            var seen = await open.Look();
            await open.Ask<object>($"document.querySelector('.comparison img.{kind}').style.visibility = ''");
            return seen;
        }
    }

    [Fact]
    public async Task A_finger_moves_the_slider_too()
    {
        await using var open = await reports.Open("reconstruct", onPhone: true);
        var pictures = open.Figure.Locator(".pictures");
        await pictures.ScrollIntoViewIfNeededAsync();
        var box = (await pictures.BoundingBoxAsync())!;
        await open.Page.Touchscreen.TapAsync(box.X + (box.Width * 0.75f), box.Y + (box.Height / 2));
        Assert.InRange(int.Parse(await open.Figure.Locator("input").InputValueAsync()), 74, 76);
    }

    [Theory]
    [InlineData("reconstruct")]
    [InlineData("train")]
    public async Task The_error_map_takes_the_place_of_the_output_on_a_stated_scale(string report)
    {
        await using var open = await reports.Open(report);
        Assert.Contains("32 or more of 255", await open.Page.Locator(".legend").InnerTextAsync(), StringComparison.Ordinal);
        var (button, output, error) = (open.Figure.Locator("button"), open.Figure.Locator("img.output"), open.Figure.Locator("img.error"));
        Assert.Equal((true, false), (await output.IsVisibleAsync(), await error.IsVisibleAsync()));
        var before = await open.Look();

        await button.ClickAsync();
        Assert.Equal((false, true), (await output.IsVisibleAsync(), await error.IsVisibleAsync()));
        Assert.Equal("true", await button.GetAttributeAsync("aria-pressed"));
        Assert.Contains("error × 8", await open.Figure.InnerTextAsync(), StringComparison.Ordinal);
        Assert.False(await open.AreAlike(before, await open.Look()));
        Assert.Equal(1, await Maps());

        await button.ClickAsync();
        Assert.True(await open.AreAlike(before, await open.Look()));

        // all at once
        await open.Page.Locator("#all-errors").ClickAsync();
        Assert.Equal(await open.Page.Locator(".comparison").CountAsync(), await Maps());
        await open.Page.Locator("#all-errors").ClickAsync();
        Assert.Equal(0, await Maps());

        Task<int> Maps() => open.Ask<int>("[...document.querySelectorAll('.comparison img.error')].filter(image => image.checkVisibility()).length");
    }

    [Theory]
    [InlineData("reconstruct")]
    [InlineData("eval")]
    [InlineData("train")]
    public async Task The_table_is_sorted_by_what_is_clicked(string report)
    {
        await using var open = await reports.Open(report);
        var ascending = await open.Ask<double[]>(PsnrColumn);
        Assert.Equal(10, ascending.Length);
        Assert.True(ascending[0] < ascending[^1]);
        Assert.Equal(ascending.Order(), ascending);

        var psnr = open.Page.Locator(".images th", new() { HasText = "PSNR" });
        await psnr.Locator("button").ClickAsync();
        Assert.Equal(ascending.OrderDescending(), await open.Ask<double[]>(PsnrColumn));
        Assert.Equal("descending", await psnr.GetAttributeAsync("aria-sort"));
        await psnr.Locator("button").ClickAsync();
        Assert.Equal(ascending, await open.Ask<double[]>(PsnrColumn));

        await open.Page.Locator(".images th button").First.ClickAsync();
        var names = await open.Ask<string[]>("[...document.querySelectorAll('.images tbody tr')].map(row => row.cells[0].innerText)");
        Assert.Equal(names.Where(name => char.IsAsciiLetter(name[0])).Order(StringComparer.Ordinal), names.Where(name => char.IsAsciiLetter(name[0])));
    }

    [Theory]
    [InlineData("reconstruct")]
    [InlineData("eval")]
    [InlineData("train")]
    public async Task Protocol_and_model_are_told(string report)
    {
        await using var open = await reports.Open(report);
        var text = await open.Page.Locator("main").InnerTextAsync();
        Assert.Contains("centre crop 64 x 64", text, StringComparison.Ordinal);
        Assert.Contains("PSNR: an image, peak 255", text, StringComparison.Ordinal);
        Assert.Contains("LiteVAE, S encoder, latents of 12 channels at 1/8 of each side", text, StringComparison.Ordinal);
        Assert.Equal(report != "train", text.Contains("litevae-s-f8c12", StringComparison.Ordinal));
        Assert.Equal(report != "reconstruct", text.Contains("MMD^2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("reconstruct")]
    [InlineData("eval")]
    [InlineData("train")]
    public async Task A_hostile_name_is_a_text(string report)
    {
        await using var open = await reports.Open(report);
        Assert.Contains(WrittenReports.HostileName, await open.Ask<string[]>("[...document.querySelectorAll('.comparison bdi')].map(name => name.textContent)"));
        Assert.Contains(WrittenReports.HostileName, await open.Ask<string[]>("[...document.querySelectorAll('.images td bdi')].map(name => name.textContent)"));
        Assert.Equal(0, await open.Ask<int>("document.querySelectorAll('[onerror], [src=x]').length"));
        Assert.Contains($"{WrittenReports.HostileName}: input", await open.Ask<string[]>("[...document.images].map(image => image.alt)"));
        Assert.Contains($"Error map of {WrittenReports.HostileName}", await open.Ask<string[]>("[...document.querySelectorAll('button')].map(button => button.getAttribute('aria-label'))"));
    }

    [Fact]
    public async Task A_name_in_the_table_leads_to_its_pictures_and_they_to_the_file_at_full_size()
    {
        await using var open = await reports.Open("reconstruct");
        foreach (var name in new[] { WrittenReports.HostileName, "coffee.jpg" })
        {
            await open.Page.Locator(".images td a", new() { HasText = name }).ClickAsync();
            var target = open.Page.Locator(".comparison:target");
            Assert.Equal(name, await target.Locator("bdi").InnerTextAsync());
            Assert.True(File.Exists(new Uri(await target.Locator("a").EvaluateAsync<string>("link => link.href")).LocalPath));
        }
    }

    [Fact]
    public async Task Of_many_images_some_are_shown_and_all_are_in_the_table()
    {
        await using var open = await reports.Open("reconstruct-many");
        Assert.Equal(40, await open.Page.Locator(".comparison").CountAsync());
        Assert.Equal(45, await open.Page.Locator(".images tbody tr").CountAsync());
        Assert.Equal(["The 24 of the lowest PSNR", "8 about the median", "The 8 of the highest", "All images"], await open.Page.Locator("h2").AllInnerTextsAsync());
        Assert.Contains("40 of 45 images are shown", await open.Page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);

        // the first ones of the table, sorted by PSNR, are those shown first; who is not shown has a file
        Assert.Equal(
            (await open.Ask<string[]>("[...document.querySelectorAll('.comparison bdi')].map(name => name.textContent)")).Take(24),
            (await open.Ask<string[]>("[...document.querySelectorAll('.images td bdi')].map(name => name.textContent)")).Take(24));
        var files = await open.Ask<string[]>("[...document.querySelectorAll('.images td a')].filter(link => !link.getAttribute('href').startsWith('#')).map(link => link.href)");
        Assert.Equal(5, files.Length);
        Assert.All(files, file => Assert.True(File.Exists(new Uri(file).LocalPath)));
    }

    [Fact]
    public async Task A_training_shows_its_recipe_and_its_curves_and_the_values_under_the_pointer()
    {
        await using var open = await reports.Open("train");
        Assert.Contains("4 steps of 2 images of 32 x 32", await open.Page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("Held-out images at step 4", await open.Page.Locator("h2").AllInnerTextsAsync());
        Assert.Contains("\"Resolution\": 32", await open.Page.Locator("pre").TextContentAsync(), StringComparison.Ordinal);

        var chart = open.Page.Locator(".chart", new() { HasText = "total" });
        Assert.Equal(4, (await chart.Locator("polyline").GetAttributeAsync("points"))!.Split(' ').Length); // a point a step
        await chart.ScrollIntoViewIfNeededAsync();
        var box = (await chart.Locator("svg").BoundingBoxAsync())!;
        await open.Page.Mouse.MoveAsync(box.X + (box.Width * 0.52f), box.Y + (box.Height / 2));
        Assert.StartsWith("step 2: ", await chart.Locator("output").InnerTextAsync(), StringComparison.Ordinal);
    }
}
