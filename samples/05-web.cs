#:sdk Microsoft.NET.Sdk.Web
#:project ../src/LiteVae.MLNet/LiteVae.MLNet.csproj
#:package Microsoft.ML.OnnxRuntime
#:package SkiaSharp.NativeAssets.Linux.NoDependencies
#:property PublishAot=false
#:property EnableDefaultRunWorkingDirectory=false

// A web API that encodes an uploaded photo and returns its reconstruction, with a page to drop a photo on. From the repository's root:
//     dotnet run samples/05-web.cs -- --urls http://localhost:5080
//     curl --data-binary @samples/photos/coffee.jpg http://localhost:5080/reconstruct --output coffee.png
using System.Globalization;
using System.Threading.RateLimiting;
using LiteVae;

const int MaxPixels = 4_000_000; // the page brings photos to 1,024 pixels before it sends them

// README:begin web
var builder = WebApplication.CreateBuilder(args);
builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = 16 << 20);
using var shared = LiteVaeModel.Load(builder.Configuration["Model"]); // the default, or --model FOLDER; one for all requests: it is thread-safe
builder.Services.AddSingleton(shared);
builder.Services.AddRateLimiter(limits => limits.AddPolicy("model", _ => RateLimitPartition.GetConcurrencyLimiter(
    "model", _ => new ConcurrencyLimiterOptions { PermitLimit = 2, QueueLimit = 64 }))); // one photo keeps all cores busy; more at once take memory and save no time
var app = builder.Build();
app.UseRateLimiter();

app.MapPost("/reconstruct", async (HttpRequest request, HttpResponse response, LiteVaeModel model) =>
{
    using var body = new MemoryStream();
    await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
    try
    {
        var photo = ImageDecoder.Decode(body.ToArray(), "the photo", new ImageLimits { MaxPixels = MaxPixels });
        var reconstruction = model.Reconstruct(photo);
        response.Headers["X-Psnr"] = Psnr.Compute(photo, reconstruction).ToString("F2", CultureInfo.InvariantCulture);
        return Results.Bytes(reconstruction.ToPng(), "image/png");
    }
    catch (InvalidDataException e) // no image, a broken one, or too many pixels: the message says which
    {
        return Results.Problem(e.Message, statusCode: StatusCodes.Status400BadRequest);
    }
}).RequireRateLimiting("model");
// README:end

app.MapGet("/", (LiteVaeModel model) => Results.Content(Page.Of(model.Config), "text/html; charset=utf-8"));
app.Run();

internal static class Page
{
    public static string Of(LiteVaeConfig model) => Html.Replace("MODEL", $"{model.Name}: {model.LatentChannels} numbers for {model.DownsamplingFactor} x {model.DownsamplingFactor} pixels", StringComparison.Ordinal);

    private const string Html = """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src blob:; connect-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
        <title>LiteVAE: a photo, and what is left of it</title>
        <style>
          :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
          body { max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
          #drop { position: relative; display: block; border: 2px dashed color-mix(in srgb, currentColor 40%, transparent); border-radius: .75rem; padding: 2.5rem 1rem; text-align: center; cursor: pointer; }
          #drop.over, #drop:focus-within { border-color: Highlight; }
          #drop input { position: absolute; inset: 0; width: 100%; opacity: 0; cursor: pointer; }
          #pair { position: relative; margin: 1rem 0 0; }
          #pair img { display: block; width: 100%; border-radius: .5rem; }
          #output { position: absolute; inset: 0; clip-path: inset(0 0 0 var(--cut, 50%)); }
          #slide { text-align: center; }
          #slide:not([hidden]) { display: block; }
          #slider { display: block; width: 100%; margin: .5rem 0 0; }
        </style>
        <h1>A photo, and what is left of it</h1>
        <p>MODEL.</p>
        <label id="drop">Drop a photo here, or choose one<input id="file" type="file" accept="image/*"></label>
        <p id="status" role="status"></p>
        <div id="pair" hidden>
          <img id="input" alt="The photo"><img id="output" alt="Its reconstruction">
        </div>
        <label id="slide" hidden>photo on the left, reconstruction on the right <input id="slider" type="range" min="0" max="100" value="50"></label>
        <script>
          const at = id => document.getElementById(id);
          const show = shown => { at('pair').hidden = at('slide').hidden = !shown; };
          at('slider').oninput = () => at('pair').style.setProperty('--cut', at('slider').value + '%');
          at('file').onchange = () => at('file').files[0] && send(at('file').files[0]);
          for (const name of ['dragover', 'dragleave', 'drop']) {
            document.addEventListener(name, event => { event.preventDefault(); at('drop').classList.toggle('over', name === 'dragover'); });
          }
          document.addEventListener('drop', event => event.dataTransfer.files[0] && send(event.dataTransfer.files[0]));

          async function small(file) {
            const photo = await createImageBitmap(file), scale = Math.min(1, 1024 / Math.max(photo.width, photo.height));
            const canvas = new OffscreenCanvas(Math.round(photo.width * scale), Math.round(photo.height * scale));
            canvas.getContext('2d').drawImage(photo, 0, 0, canvas.width, canvas.height);
            return canvas.convertToBlob({ type: 'image/png' });
          }

          async function send(file) {
            show(false);
            at('status').textContent = 'Encoding and decoding ...';
            try {
              const photo = await small(file), started = performance.now();
              const answer = await fetch('reconstruct', { method: 'POST', body: photo });
              if (!answer.ok) throw new Error((await answer.json()).detail);
              at('input').src = URL.createObjectURL(photo);
              at('output').src = URL.createObjectURL(await answer.blob());
              await Promise.all([at('input').decode(), at('output').decode()]);
              at('status').textContent = `PSNR ${answer.headers.get('X-Psnr')} dB, ${Math.round(performance.now() - started)} ms`;
              show(true);
            } catch (error) {
              at('status').textContent = `That did not work: ${error.message}`;
            }
          }
        </script>
        </html>
        """;
}
