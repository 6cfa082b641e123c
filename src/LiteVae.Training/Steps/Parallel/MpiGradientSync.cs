using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Ranks that are kept in step by Open MPI, through the CPU's memory.</summary>
/// <remarks>
/// MPI's own waiting keeps a core busy and has no end. Each call therefore has two parts. First the ranks meet: a few bytes that show that all are here
/// and about to do the same, asked for again and again but mostly asleep, since another rank may need long. Then the numbers go, at MPI's full speed.
/// </remarks>
internal sealed unsafe class MpiGradientSync : GradientSync
{
    private const long End = -1; // of the codes that ranks meet with, the least

    private static readonly TimeSpan Awake = TimeSpan.FromMilliseconds(1); // ranks with equal work come within it

    private readonly OpenMpi _mpi;
    private readonly TimeSpan _patience;
    private readonly bool _started;
    private Tensor? _bucket;
    private long _meetings;
    private bool _apart; // no further call can bring this rank and the others together

    /// <summary>Starts MPI and waits for all ranks to do so.</summary>
    /// <exception cref="DllNotFoundException">Open MPI is not to be found.</exception>
    /// <exception cref="InvalidOperationException">MPI counts other ranks than the launcher.</exception>
    public MpiGradientSync(ParallelLaunch launch, TimeSpan patience)
    {
        _patience = patience;
        _mpi = OpenMpi.Load();
        _started = _mpi.Start();
        (Rank, Size) = _mpi.Place(_mpi.World);
        if (Size != launch.Ranks)
        {
            throw new InvalidOperationException(
                $"{launch.Launcher} started {launch.Ranks} processes, but {_mpi.Version} counts {Size} in their group: start them with the mpirun of the same Open MPI, or with `srun --mpi=pmix`.");
        }

        var machine = _mpi.SameMachine();
        (LocalRank, LocalSize) = _mpi.Place(machine);
        var cores = CpuAffinity.Read();
        var users = cores.ToArray();
        Add(users, machine);
        Threads = Math.Min(CpuAffinity.Share(cores, users), Environment.ProcessorCount);
    }

    public override int Rank { get; }

    public override int Size { get; }

    public override int LocalRank { get; }

    public override int LocalSize { get; }

    public override int Threads { get; }

    public override void Average(IReadOnlyList<Tensor> gradients)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var count = checked((int)gradients.Sum(g => g.numel()));
        var bucket = Bucket(count, gradients.Any(g => g.device_type == DeviceType.CUDA));
        Meet($"average {count:N0} gradients", 2L * count);

        foreach (var (gradient, place) in Places(gradients, bucket))
        {
            place.copy_(gradient);
        }

        Transfer((float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bucket.bytes)), count); // libtorch's memory: it stays
        using var share = (1.0 / Size).ToScalar();
        bucket.mul_(share);
        foreach (var (gradient, place) in Places(gradients, bucket))
        {
            gradient.copy_(place);
        }
    }

    public override void Sum(Span<double> values)
    {
        Meet($"sum {values.Length} numbers", (2L * values.Length) + 1);
        Add(values, _mpi.World);
    }

    public override void Abort(int exitCode, string message)
    {
        // The process ends here, so that nobody else can say it.
        using (var error = new FileStream(new SafeFileHandle(2, ownsHandle: false), FileAccess.Write, bufferSize: 0))
        {
            error.Write(Encoding.UTF8.GetBytes($"Rank {Rank} of {Size}: {message}\n"));
        }

        _mpi.Abort(exitCode);
    }

    public override void Dispose()
    {
        // MPI_Finalize waits for all ranks, without end: only when all are here. A process that ends without it is a failed one to mpirun, which ends the others.
        if (!_apart && TryMeetForTheEnd())
        {
            _apart = true;
            _bucket?.Dispose();
            if (_started)
            {
                _mpi.Finish();
            }
        }

        bool TryMeetForTheEnd()
        {
            try
            {
                Meet("end", End);
                return true;
            }
            catch (Exception e) when (e is InvalidOperationException or TimeoutException)
            {
                return false;
            }
        }
    }

    /// <summary>A float32 tensor in the CPU's memory for that many numbers: the beginning of one that is kept from step to step.</summary>
    private Tensor Bucket(int count, bool pinned)
    {
        if (_bucket is null || _bucket.numel() < count)
        {
            _bucket?.Dispose();
            var plain = empty(count, dtype: ScalarType.Float32);
            _bucket = (pinned ? plain.pin_memory() : plain).DetachFromDisposeScope();
        }

        return _bucket.narrow(0, 0, count);
    }

    private static IEnumerable<(Tensor Gradient, Tensor Place)> Places(IReadOnlyList<Tensor> gradients, Tensor bucket)
    {
        var offset = 0L;
        foreach (var gradient in gradients)
        {
            yield return (gradient, bucket.narrow(0, offset, gradient.numel()).view(gradient.shape));
            offset += gradient.numel();
        }
    }

    /// <summary>Waits until all ranks are about to do the same.</summary>
    /// <param name="what">What, for messages: the ranks ... to do it.</param>
    /// <param name="code">The kind and length of it as a number.</param>
    private void Meet(string what, long code)
    {
        _meetings++;
        var memory = (long*)NativeMemory.Alloc(2, sizeof(long));
        (memory[0], memory[1]) = (code, -code); // the least of the second is minus the greatest
        Wait(_mpi.StartAllReduce(memory, 2, _mpi.Int64, _mpi.Least, _mpi.World), what);
        var (least, greatest) = (memory[0], -memory[1]);
        NativeMemory.Free(memory);
        if (least != greatest)
        {
            _apart = true;
            throw new InvalidOperationException(
                $"Rank {Rank} of {Size} came to {what}, but another rank "
                + (least == End ? "has left the run: see what that one says." : "came to something else: all ranks need the same options and version of this program."));
        }
    }

    /// <summary>Sums a few numbers over a communicator all of whose ranks are known to come.</summary>
    private void Add(Span<double> values, nint communicator)
    {
        var memory = (double*)NativeMemory.Alloc((nuint)values.Length, sizeof(double));
        var native = new Span<double>(memory, values.Length);
        values.CopyTo(native);
        Wait(_mpi.StartAllReduce(memory, values.Length, _mpi.Double, _mpi.Add, communicator), $"sum {values.Length} numbers");
        native.CopyTo(values);
        NativeMemory.Free(memory);
    }

    /// <summary>Waits for a request. MPI may still write to its memory when this gives up: the memory is then left as it is.</summary>
    private void Wait(nint request, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!_mpi.Done(ref request))
        {
            if (clock.Elapsed > _patience)
            {
                _apart = true;
                throw new TimeoutException(
                    $"Rank {Rank} of {Size} waited {_patience.TotalSeconds:0} s for the other ranks to {what} (meeting {_meetings:N0}): one of them hangs, is much slower, or was lost unnoticed.");
            }

            if (clock.Elapsed < Awake)
            {
                Thread.Yield();
            }
            else
            {
                Thread.Sleep(1);
            }
        }
    }

    /// <summary>Sums many numbers in place, as fast as MPI can.</summary>
    /// <remarks>On a thread that can be given up, with the memory, should the network fail now; one of its own, since the pool may be busy with images.</remarks>
    private void Transfer(float* values, int count)
    {
        var transfer = Task.Factory.StartNew(
            () => _mpi.AllReduce(values, count, _mpi.Single, _mpi.Add, _mpi.World), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (Task.WaitAny([transfer], _patience) < 0)
        {
            _apart = true;
            throw new TimeoutException(
                $"Rank {Rank} of {Size} spent {_patience.TotalSeconds:0} s on averaging {count:N0} gradients, and it did not end: the network between the ranks fails or is too slow.");
        }

        transfer.GetAwaiter().GetResult();
    }
}
