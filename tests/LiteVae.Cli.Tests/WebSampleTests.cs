using System.Globalization;
using System.Net;
using System.Text.Json;
using LiteVae.Tests.Shared;

namespace LiteVae.Cli.Tests;

public sealed class WebSampleTests
{
    private static readonly string Photos = Path.Combine(SharedData.Repository, "samples", "photos");

    [Fact]
    public async Task It_returns_what_the_model_makes_of_a_photo_and_says_what_is_wrong_with_others()
    {
        await using var sample = await WebSample.Start();
        using var client = new HttpClient { BaseAddress = sample.Address };

        // several at once, each its own answer
        var names = new[] { "coffee.jpg", "chelsea.jpg", "rocket.jpg" };
        await Task.WhenAll(names.Select(async name =>
        {
            var bytes = File.ReadAllBytes(Path.Combine(Photos, name));
            using var answer = await Post(client, bytes);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            var (photo, picture) = (ImageDecoder.Decode(bytes, name), ImageDecoder.Decode(await answer.Content.ReadAsByteArrayAsync(), "the answer"));
            Assert.Equal((photo.Width, photo.Height), (picture.Width, picture.Height));
            var psnr = double.Parse(answer.Headers.GetValues("X-Psnr").Single(), CultureInfo.InvariantCulture);
            Assert.Equal(Psnr.Compute(photo, picture), psnr, 0.006);
            Assert.InRange(psnr, 20, 60);
        }));

        await Refuses("no picture"u8.ToArray(), HttpStatusCode.BadRequest, "the photo");
        await Refuses(new RgbImage(2001, 2000, new byte[2001 * 2000 * 3]).ToPng(), HttpStatusCode.BadRequest, "4000000");
        client.DefaultRequestHeaders.ExpectContinue = true; // the answer comes before the body is sent
        using var large = await Post(client, new byte[17 << 20]);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);

        async Task Refuses(byte[] body, HttpStatusCode status, string what)
        {
            using var answer = await Post(client, body);
            Assert.Equal(status, answer.StatusCode);
            Assert.Contains(what, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    private static async Task<HttpResponseMessage> Post(HttpClient client, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        return await client.PostAsync(new Uri("reconstruct", UriKind.Relative), content);
    }
}
