using System.Globalization;

namespace LiteVae.Training;

/// <summary>How this process was started: alone, or as one of several that train together.</summary>
/// <param name="Ranks">How many there are.</param>
/// <param name="Launcher">What started them and where it says how many, for messages.</param>
/// <param name="IsFirst">Whether this is rank 0, which speaks for all.</param>
internal sealed record ParallelLaunch(int Ranks, string Launcher, bool IsFirst = true)
{
    /// <summary>Reads the environment that mpirun, mpiexec or srun set.</summary>
    /// <remarks>
    /// Open MPI's variables come first: its mpirun starts processes on the nodes of a Slurm job from steps of its own. SLURM_NTASKS and SLURM_PROCID say
    /// nothing: sbatch sets them for its script, which runs once; SLURM_STEP_NUM_TASKS is there only in what srun started (seen with Slurm 22.05).
    /// </remarks>
    /// <param name="variable">The environment.</param>
    /// <exception cref="InvalidOperationException">One of several, which have no way to find each other.</exception>
    public static ParallelLaunch Read(Func<string, string?> variable)
    {
        foreach (var (name, rank, launcher) in new[]
        {
            ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "mpirun"), ("SLURM_STEP_NUM_TASKS", "PMIX_RANK", "srun"), ("PMI_SIZE", "PMI_RANK", "mpiexec"),
        })
        {
            if (!int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var ranks))
            {
                continue;
            }

            if (ranks > 1 && launcher == "srun" && variable("PMIX_RANK") is null)
            {
                throw new InvalidOperationException(
                    $"srun started {ranks} processes ({name}) without PMIx, by which they find each other: start them with `srun --mpi=pmix`, or with mpirun in the job's script. "
                    + "To train in one process use `srun -n 1`.");
            }

            return new(Math.Max(1, ranks), $"{launcher} ({name}={ranks})", IsFirst: ranks <= 1 || variable(rank) is null or "0");
        }

        return new(1, "nothing");
    }
}
