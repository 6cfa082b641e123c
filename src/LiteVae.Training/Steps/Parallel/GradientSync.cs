using System.IO.Hashing;
using System.Text;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>
/// Keeps the processes of a data-parallel run in step. Each of them, a <em>rank</em>, holds the whole network and sees its own part of every batch.
/// </summary>
/// <remarks>
/// All but the properties and <see cref="Abort"/> is collective: every rank makes the same calls in the same order, and each returns when all have.
/// A rank that leaves early by <see cref="Dispose"/>, as an exception does, ends the others at their next call with an
/// <see cref="InvalidOperationException"/>. For one thread at a time.
/// </remarks>
internal abstract class GradientSync : IDisposable
{
    /// <summary>How long a call waits for the other ranks: longer than rank 0 takes for a checkpoint, or for one image of an evaluation.</summary>
    public static TimeSpan DefaultPatience { get; } = TimeSpan.FromMinutes(10);

    /// <summary>Number of this process, from 0. Rank 0 is the one that writes.</summary>
    public abstract int Rank { get; }

    /// <summary>Number of processes.</summary>
    public abstract int Size { get; }

    /// <summary>Number of this process among those of its machine, from 0: which GPU to take.</summary>
    public abstract int LocalRank { get; }

    /// <summary>Number of processes on this machine.</summary>
    public abstract int LocalSize { get; }

    /// <summary>Threads to compute with, at least 1: this process's share of the cores that it may run on.</summary>
    public abstract int Threads { get; }

    /// <summary>Several ranks where this process was started as one of several (<see cref="ParallelLaunch"/>), else a single one.</summary>
    /// <param name="patience">How long a call waits for the other ranks; null is <see cref="DefaultPatience"/>.</param>
    /// <exception cref="DllNotFoundException">One of several, but MPI is not to be found.</exception>
    /// <exception cref="InvalidOperationException">One of several, but not started in a way that lets them find each other; the message says which is.</exception>
    public static GradientSync Detect(TimeSpan? patience = null)
    {
        var launch = ParallelLaunch.Read(Environment.GetEnvironmentVariable);
        return launch.Ranks == 1 ? new SingleProcess() : new MpiGradientSync(launch, patience ?? DefaultPatience);
    }

    /// <summary>Replaces each gradient by its mean over the ranks, the same bits on all of them.</summary>
    /// <param name="gradients">Of the same shapes in the same order on every rank; any device and float type, averaged as float32.</param>
    /// <exception cref="InvalidOperationException">Another rank has other shapes, makes another call or has left.</exception>
    /// <exception cref="TimeoutException">Another rank did not come in time.</exception>
    public abstract void Average(IReadOnlyList<Tensor> gradients);

    /// <summary>Replaces each number by its sum over the ranks, the same bits on all of them: losses, or how many ask to stop.</summary>
    /// <exception cref="InvalidOperationException">Another rank has another number of them, makes another call or has left.</exception>
    /// <exception cref="TimeoutException">Another rank did not come in time.</exception>
    public abstract void Sum(Span<double> values);

    /// <summary>Ends all ranks now, this one included: it does not return where there are others.</summary>
    /// <param name="exitCode">This process's exit code, not 0.</param>
    /// <param name="message">Why; goes to standard error.</param>
    public abstract void Abort(int exitCode, string message);

    /// <summary>Ends the work together with the other ranks; or, where they are elsewhere, leaves them.</summary>
    public abstract void Dispose();

    /// <summary>Returns when all ranks have come here.</summary>
    public void Barrier() => Sum([0]);

    /// <summary>Has rank 0 do what the others wait for, for as long as that takes.</summary>
    /// <param name="work">What rank 0 does; it is to call what it is given now and then, or the others give up.</param>
    public void AwaitFirst(Action<Action> work)
    {
        if (Rank == 0)
        {
            work(() => Sum([1]));
            Sum([0]);
            return;
        }

        Span<double> goesOn = [0];
        do
        {
            goesOn[0] = 0;
            Sum(goesOn);
        }
        while (goesOn[0] > 0);
    }

    /// <summary>Makes sure that tensors have nearly the same norms on all ranks: processors of different makes round differently, and that must stay small.</summary>
    /// <param name="what">What they are, for the message.</param>
    /// <param name="tensors">In the same order on every rank.</param>
    /// <exception cref="InvalidOperationException">A rank's differ from rank 0's by a hundredth and more.</exception>
    public void RequireClose(string what, IEnumerable<(string Name, Tensor Values)> tensors)
    {
        const double tolerance = 0.01;
        if (Size == 1)
        {
            return;
        }

        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var named = tensors.ToList();
        var own = named.Select(tensor => tensor.Values.detach().to(float32).norm()).ToList();
        var norms = new double[named.Count * Size]; // every rank's in a place of its own
        stack(own).cpu().data<float>().Select(norm => (double)norm).ToArray().CopyTo(norms, named.Count * Rank);
        Sum(norms);
        for (var i = 0; i < norms.Length; i++)
        {
            var (first, other) = (norms[i % named.Count], norms[i]);
            if (!(Math.Abs(other - first) <= tolerance * Math.Max(Math.Abs(first), 1e-6)))
            {
                throw new InvalidOperationException(
                    $"The {what} of rank {i / named.Count} have moved away from rank 0's: {named[i % named.Count].Name} has norm {other:G4}, not {first:G4}. Resume from the last checkpoint, with ranks on alike machines.");
            }
        }
    }

    /// <summary>Makes sure that tensors have the same names, shapes and bits on all ranks.</summary>
    /// <param name="what">What they are, for the message.</param>
    /// <param name="tensors">In the same order on every rank.</param>
    /// <exception cref="InvalidOperationException">A rank's differ from rank 0's.</exception>
    public void RequireEqual(string what, IEnumerable<(string Name, Tensor Values)> tensors)
    {
        if (Size == 1)
        {
            return;
        }

        using var scope = NewDisposeScope();
        var hash = new XxHash3();
        foreach (var (name, values) in tensors)
        {
            hash.Append(Encoding.UTF8.GetBytes($"{name} [{string.Join(",", values.shape)}]"));
            hash.Append(values.detach().cpu().contiguous().bytes);
        }

        // every rank's hash in a place of its own, in halves that a double holds exactly
        var bits = hash.GetCurrentHashAsUInt64();
        var halves = new double[2 * Size];
        (halves[2 * Rank], halves[(2 * Rank) + 1]) = ((uint)(bits >> 32), (uint)bits);
        Sum(halves);
        var others = Enumerable.Range(0, Size).Where(r => halves[2 * r] != halves[0] || halves[(2 * r) + 1] != halves[1]).ToList();
        if (others.Count > 0)
        {
            throw new InvalidOperationException(
                $"The {what} of rank {string.Join(", ", others)} differ from rank 0's: all ranks need the same options, seed, checkpoint and version of this program.");
        }
    }
}
