using System.Diagnostics;
using System.Globalization;
using LiteVae.Tests;

namespace LiteVae.Cli.Tests.Commands;

/// <summary>A store whose tasks are killed at random moments, over and over, ends with the bytes of one that was not.</summary>
public sealed class EncodeKillTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Killed_at_random_moments_and_run_again_two_tasks_make_the_same_store()
    {
        // LITEVAE_KILLS=200 is the long form, over 2,000 crops
        var kills = int.Parse(Environment.GetEnvironmentVariable("LITEVAE_KILLS") ?? "12", CultureInfo.InvariantCulture);
        PhotoCrops.Write(_folder.At("photos"), kills >= 200 ? 2000 : 300);
        TinyModels.Write(_folder.At("model"));
        var clock = Stopwatch.StartNew();
        (await Litevae.Finish(Start("reference", "0/1"))).Expect(0);
        var whole = clock.Elapsed;
        var digest = StoreDigest.Of(_folder.At("reference"));
        var seed = Environment.TickCount;
        var random = new Random(seed);

        var (killed, rounds, mid) = (0, 0, 0);
        for (; killed < kills; rounds++)
        {
            var store = $"round-{rounds}";
            while (!File.Exists(_folder.At($"{store}/dataset.json")))
            {
                using var first = Start(store, "0/2");
                using var second = Start(store, "1/2");
                if (killed < kills)
                {
                    // from the start, for the plan too, to a little beyond what a task would take
                    await Task.Delay(random.NextDouble() * 1.2 * whole);
                    foreach (var process in random.Next(3) switch { 0 => [first], 1 => [second], _ => new[] { first, second } })
                    {
                        if (!process.HasExited)
                        {
                            mid += Directory.Exists(_folder.At($"{store}/shards")) ? 1 : 0;
                            killed++;
                            process.Kill();
                        }
                    }
                }

                foreach (var process in new[] { first, second })
                {
                    await process.WaitForExitAsync();
                    Assert.True(process.ExitCode is 0 or 137, $"seed {seed}: {await process.StandardError.ReadToEndAsync()}");
                }
            }

            Assert.True(digest == StoreDigest.Of(_folder.At(store)), $"seed {seed}, round {rounds}, {killed} kills");
            Directory.Delete(_folder.At(store), recursive: true);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{killed} kills, {mid} of them after the first shard, in {rounds} rounds; an uninterrupted run took {whole}; seed {seed}");
        Assert.True(mid > 0, "no kill came while shards were written: the moments are badly chosen");
    }

    private Process Start(string store, string task) => Litevae.Start(
        ["encode", _folder.At("photos"), "--out", _folder.At(store), "--buckets", "32x32,48x24,24x48", "--shard-size", "16", "--task", task, "--model", _folder.At("model")]);
}
