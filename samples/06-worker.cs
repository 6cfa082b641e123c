#:sdk Microsoft.NET.Sdk.Worker
#:project ../src/LiteVae.MLNet/LiteVae.MLNet.csproj
#:package Microsoft.Extensions.Hosting
#:package Microsoft.ML.OnnxRuntime
#:package SkiaSharp.NativeAssets.Linux.NoDependencies
#:property PublishAot=false
#:property EnableDefaultRunWorkingDirectory=false

// A worker service that precomputes latents: progress and failures go to the host's log, counts come from the library's meter, a stopped worker goes on where it was.
// From the repository's root:
//     dotnet run samples/06-worker.cs -- --photos samples/photos --store out/latents
using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using LiteVae;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddSingleton(_ => LiteVaeModel.Load());
builder.Services.AddHostedService<Precompute>();
await builder.Build().RunAsync();

internal sealed class Precompute(LiteVaeModel model, IConfiguration settings, IHostApplicationLifetime host, ILogger<Precompute> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var counts = new Counts("LiteVae.MLNet");
        try
        {
            // README:begin worker
            var job = new EncodeJob(model, new EncodeJobOptions
            {
                Inputs = [settings["photos"] ?? throw new ArgumentException("Say where the photos are: --photos FOLDER.")],
                Store = settings["store"] ?? throw new ArgumentException("Say where the latents go: --store FOLDER."),
                Sizes = [new ImageSize(256, 256)],
            });
            var result = await Task.Run(() => job.Run(new Log(log), stoppingToken), stoppingToken); // the same call goes on where a stopped one was
            log.LogInformation("{Images} images are in the store, {Failed} failed", result.TaskImages, result.TaskFailed);
            // README:end
        }
        catch (OperationCanceledException)
        {
            log.LogInformation("Stopped; the next start goes on from here");
        }
        catch (Exception e) when (e is ArgumentException or IOException or InvalidDataException or InvalidOperationException)
        {
            log.LogError("{Reason}", e.Message);
            Environment.ExitCode = 1;
        }

        foreach (var (name, value) in counts.Totals.OrderBy(total => total.Key, StringComparer.Ordinal))
        {
            log.LogInformation("{Name}: {Value}", name, value);
        }

        host.StopApplication();
    }

    private sealed class Log(ILogger log) : IProgress<EncodeProgress>
    {
        public void Report(EncodeProgress value)
        {
            if (value.Failure is { } failure)
            {
                log.LogWarning("{Source}: {Reason}", failure.Source, failure.Reason);
            }
            else if (value.Done > 0 && value.Done % 1000 == 0)
            {
                log.LogInformation("{Done} of {Total}", value.Done, value.Total);
            }
        }
    }
}

// README:begin meter
/// <summary>Adds up what a meter's counters say. A service would hand the meter's name to OpenTelemetry instead: AddMeter("LiteVae.MLNet").</summary>
internal sealed class Counts : IDisposable
{
    private readonly MeterListener _listener = new();

    public Counts(string meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            Totals.AddOrUpdate($"{instrument.Name} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}", value, (_, sum) => sum + value));
        _listener.Start();
    }

    public ConcurrentDictionary<string, long> Totals { get; } = new();

    public void Dispose() => _listener.Dispose();
}
// README:end
