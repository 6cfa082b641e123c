using System.Globalization;
using System.IO.Hashing;
using LiteVae.Training;
using TorchSharp;

// Says what a rank saw as lines "RANK WORD VALUE".
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
try
{
    var patience = args[0] switch { "late" => TimeSpan.FromSeconds(2), "first" => TimeSpan.FromSeconds(5), _ => (TimeSpan?)null };
    using var sync = GradientSync.Detect(patience);
    torch.set_num_threads(1);
    Run(sync);
    return 0;
}
catch (Exception e)
{
    Console.Error.WriteLine($"{e.GetType().Name}: {e.Message}");
    return 2;
}

void Run(GradientSync sync)
{
    void Say(string word, object value) => Console.WriteLine($"{sync.Rank} {word} {value}");
    switch (args[0])
    {
        case "place":
            Say("place", $"{sync.Size} {sync.LocalRank} {sync.LocalSize} {sync.Threads}");
            break;

        case "average": // of tensors of many sizes, one of them larger than a slice
            using (var scope = torch.NewDisposeScope())
            {
                var gradients = Gradients.Of(sync.Rank);
                sync.Average(gradients);
                Say("error", Gradients.Error(gradients, sync.Size));
                Say("bits", Convert.ToHexString(XxHash3.Hash(torch.cat([.. gradients.Select(g => g.to(torch.float32).flatten())]).bytes)));
            }

            break;

        case "time": // COUNT: how long an average takes, to be looked at by hand
            using (var scope = torch.NewDisposeScope())
            {
                var gradient = torch.ones(int.Parse(args[1]));
                for (var i = 0; i < 20; i++)
                {
                    sync.Barrier();
                    var clock = System.Diagnostics.Stopwatch.StartNew();
                    sync.Average([gradient]);
                    Say("average-us", (long)clock.Elapsed.TotalMicroseconds);
                    clock.Restart();
                    sync.Sum([1]);
                    Say("sum-us", (long)clock.Elapsed.TotalMicroseconds);
                }
            }

            break;

        case "train": // OUT
            TinyTraining.Run(sync, args[1]);
            break;

        case "unequal":
            using (var scope = torch.NewDisposeScope())
            {
                sync.RequireEqual("weights", [("first", torch.ones(3)), ("second", torch.full(2, sync.Rank == 1 ? 0.5f : 0.25f))]);
            }

            break;

        case "close": // FACTOR: how far off rank 1's second tensor is
            using (var scope = torch.NewDisposeScope())
            {
                sync.RequireClose("weights", [("first", torch.ones(3)), ("second", torch.full(2, sync.Rank == 1 ? 0.25f * float.Parse(args[1]) : 0.25f))]);
            }

            break;

        case "first": // SECONDS: rank 0 works, with a sign of life a second; 0 for longer, without one
            var seconds = int.Parse(args[1]);
            sync.AwaitFirst(signOfLife =>
            {
                for (var i = 0; i < seconds; i++)
                {
                    Thread.Sleep(1000);
                    signOfLife();
                }

                Thread.Sleep(seconds == 0 ? 9000 : 0);
                Say("worked", seconds);
            });
            break;

        case "stop": // rank 1 asks to stop at its fifth step
            for (var step = 1; ; step++)
            {
                var asking = new double[] { sync.Rank == 1 && step == 5 ? 1 : 0 };
                sync.Sum(asking);
                if (asking[0] > 0)
                {
                    Say("stopped", step);
                    break;
                }
            }

            break;

        case "elsewhere":
            sync.Sum(sync.Rank == 1 ? [1, 2] : [1]);
            break;

        case "leave": // rank 1 fails at its third step; the others have more to do
        case "abort":
            for (var step = 1; step < 1000; step++)
            {
                if (sync.Rank == 1 && step == 3)
                {
                    if (args[0] == "abort")
                    {
                        sync.Abort(7, "no more of this");
                    }

                    throw new InvalidDataException("rank 1 could not read its picture");
                }

                sync.Barrier();
            }

            break;

        case "wait": // for ever, rank 0 for rank 1, which never comes; "late" has less patience
        case "late":
            sync.Barrier();
            Say("process", Environment.ProcessId);
            if (sync.Rank == 1)
            {
                Thread.Sleep(Timeout.Infinite);
            }

            sync.Barrier();
            break;

        case "null": // .NET's own handling of a bad access survives MPI's signal handlers
            try
            {
                Say("length", ((string?)Environment.GetEnvironmentVariable("LITEVAE_NOT_SET"))!.Length);
            }
            catch (NullReferenceException)
            {
                Say("caught", "null");
            }

            break;

        default:
            throw new ArgumentException($"'{args[0]}' is nothing that ranks do.");
    }
}
