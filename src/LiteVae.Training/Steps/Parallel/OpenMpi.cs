using System.Runtime.InteropServices;
using System.Text;

namespace LiteVae.Training;

/// <summary>The few calls of MPI that training needs, from the system's Open MPI.</summary>
/// <remarks>
/// Constants and types are those of Open MPI 2 to 5, whose handles are addresses of exported objects; MPICH and its relatives use numbers and
/// are refused. Errors within MPI end the job, which is MPI's default.
/// </remarks>
internal sealed unsafe class OpenMpi
{
    private const int Serialized = 2; // MPI_THREAD_SERIALIZED: any thread, one at a time
    private const int Shared = 0;     // MPI_COMM_TYPE_SHARED

    private static readonly void* InPlace = (void*)1; // MPI_IN_PLACE

    private static readonly string[] Names = ["libmpi.so.40", "libmpi.so"]; // the first comes with the run-time package, the second with the one for developers

    private readonly nint _library;
    private readonly delegate* unmanaged<nint*, int*, void*, int> _test;

    private OpenMpi(nint library)
    {
        _library = library;
        _test = (delegate* unmanaged<nint*, int*, void*, int>)Address("MPI_Test");
        (World, Add, Least) = (Address("ompi_mpi_comm_world"), Address("ompi_mpi_op_sum"), Address("ompi_mpi_op_min"));
        (Single, Double, Int64) = (Address("ompi_mpi_float"), Address("ompi_mpi_double"), Address("ompi_mpi_int64_t"));
    }

    /// <summary>Its name and version.</summary>
    public required string Version { get; init; }

    /// <summary>The communicator of all ranks.</summary>
    public nint World { get; }

    public nint Add { get; }

    public nint Least { get; }

    public nint Single { get; }

    public nint Double { get; }

    public nint Int64 { get; }

    /// <summary>Loads the library; starts nothing.</summary>
    /// <exception cref="DllNotFoundException">There is none, or it is not Open MPI.</exception>
    public static OpenMpi Load()
    {
        foreach (var name in Names)
        {
            if (NativeLibrary.TryLoad(name, out var library))
            {
                var version = VersionOf(library);
                return version.StartsWith("Open MPI", StringComparison.Ordinal)
                    ? new OpenMpi(library) { Version = version }
                    : throw new DllNotFoundException($"{name} is {version}; only Open MPI is supported: put its folder before the other's in LD_LIBRARY_PATH, and start with its mpirun.");
            }
        }

        throw new DllNotFoundException(
            $"Open MPI's library ({string.Join(" or ", Names)}) is not to be found: install it (Debian, Ubuntu: apt-get install openmpi-bin; on a cluster perhaps module load openmpi), "
            + "or add its folder to LD_LIBRARY_PATH.");
    }

    /// <summary>Starts MPI and waits until all ranks have.</summary>
    /// <returns>False where the program had started it already.</returns>
    /// <exception cref="InvalidOperationException">It has ended already in this process.</exception>
    public bool Start()
    {
        if (Flag("MPI_Finalized"))
        {
            throw new InvalidOperationException("MPI has ended in this process, with an earlier training run, and cannot start twice: train once a process.");
        }

        if (Flag("MPI_Initialized"))
        {
            return false;
        }

        int provided;
        Check("MPI_Init_thread", ((delegate* unmanaged<void*, void*, int, int*, int>)Address("MPI_Init_thread"))(null, null, Serialized, &provided));
        return true;
    }

    /// <summary>Ends MPI; waits for all ranks.</summary>
    public void Finish() => Check("MPI_Finalize", ((delegate* unmanaged<int>)Address("MPI_Finalize"))());

    /// <summary>Ends all ranks.</summary>
    public void Abort(int exitCode) => Check("MPI_Abort", ((delegate* unmanaged<nint, int, int>)Address("MPI_Abort"))(World, exitCode));

    /// <summary>This process's number in a communicator, and how many there are.</summary>
    public (int Rank, int Size) Place(nint communicator) => (Number("MPI_Comm_rank", communicator), Number("MPI_Comm_size", communicator));

    /// <summary>A communicator of the ranks on this machine.</summary>
    public nint SameMachine()
    {
        nint communicator;
        var split = (delegate* unmanaged<nint, int, int, nint, nint*, int>)Address("MPI_Comm_split_type");
        Check("MPI_Comm_split_type", split(World, Shared, 0, Address("ompi_mpi_info_null"), &communicator));
        return communicator;
    }

    /// <summary>Reduces over a communicator, in place. Blocks, without end where a rank does not come.</summary>
    public void AllReduce(void* values, int count, nint type, nint operation, nint communicator)
    {
        var reduce = (delegate* unmanaged<void*, void*, int, nint, nint, nint, int>)Address("MPI_Allreduce");
        Check("MPI_Allreduce", reduce(InPlace, values, count, type, operation, communicator));
    }

    /// <summary>Starts the same and returns; the memory must stay until it is <see cref="Done"/>.</summary>
    /// <returns>The request.</returns>
    public nint StartAllReduce(void* values, int count, nint type, nint operation, nint communicator)
    {
        nint request;
        var reduce = (delegate* unmanaged<void*, void*, int, nint, nint, nint, nint*, int>)Address("MPI_Iallreduce");
        Check("MPI_Iallreduce", reduce(InPlace, values, count, type, operation, communicator, &request));
        return request;
    }

    /// <summary>Whether a request is done. MPI gets on with it only in this call.</summary>
    public bool Done(ref nint request)
    {
        int done;
        fixed (nint* held = &request)
        {
            Check("MPI_Test", _test(held, &done, null));
        }

        return done != 0;
    }

    private static string VersionOf(nint library)
    {
        const int longest = 8192; // MPICH's MPI_MAX_LIBRARY_VERSION_STRING; Open MPI's is 256
        var text = stackalloc byte[longest];
        var length = 0;
        _ = ((delegate* unmanaged<byte*, int*, int>)NativeLibrary.GetExport(library, "MPI_Get_library_version"))(text, &length);
        return Encoding.UTF8.GetString(text, length).Split(',', '\n')[0].Replace('\t', ' ').Trim('\0');
    }

    private bool Flag(string name)
    {
        int flag;
        Check(name, ((delegate* unmanaged<int*, int>)Address(name))(&flag));
        return flag != 0;
    }

    private int Number(string name, nint communicator)
    {
        int number;
        Check(name, ((delegate* unmanaged<nint, int*, int>)Address(name))(communicator, &number));
        return number;
    }

    private nint Address(string name) => NativeLibrary.GetExport(_library, name);

    private static void Check(string call, int code)
    {
        if (code != 0)
        {
            throw new InvalidOperationException($"{call} failed with MPI's error {code}.");
        }
    }
}
