using LiteVae.Tests;

namespace LiteVae.Training.Tests;

public sealed class ParallelLaunchTests
{
    [Theory] // environments as seen under Open MPI 4.1.4 and Slurm 22.05
    [InlineData(1)]
    [InlineData(2, "OMPI_COMM_WORLD_SIZE=2", "PMIX_RANK=1")]
    [InlineData(1, "OMPI_COMM_WORLD_SIZE=1", "PMIX_RANK=0")]
    [InlineData(1, "SLURM_NTASKS=2", "SLURM_PROCID=0")] // sbatch's script
    [InlineData(1, "SLURM_NTASKS=2")] // salloc's shell
    [InlineData(2, "SLURM_NTASKS=2", "SLURM_PROCID=1", "SLURM_STEP_NUM_TASKS=2", "PMIX_RANK=1")] // srun --mpi=pmix
    [InlineData(1, "SLURM_NTASKS=2", "SLURM_PROCID=0", "SLURM_STEP_NUM_TASKS=1")] // srun -n 1 within a job of two
    [InlineData(4, "OMPI_COMM_WORLD_SIZE=4", "SLURM_STEP_NUM_TASKS=2")] // mpirun across two nodes of a job: their daemons are Slurm's tasks
    [InlineData(2, "PMI_SIZE=2", "PMI_RANK=0")] // another MPI's mpiexec
    public void The_number_of_ranks_is_what_the_launcher_says(int ranks, params string[] environment) =>
        Assert.Equal(ranks, Read(environment).Ranks);

    [Theory]
    [InlineData("SLURM_NTASKS=2", "SLURM_PROCID=1", "SLURM_STEP_NUM_TASKS=2")] // srun
    [InlineData("SLURM_STEP_NUM_TASKS=2", "PMI_SIZE=2", "PMI_RANK=1")] // srun --mpi=pmi2
    public void Srun_without_PMIx_is_refused_with_the_way_to_start(params string[] environment) =>
        Assert.Contains("srun --mpi=pmix", Assert.Throws<InvalidOperationException>(() => Read(environment)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Ranks_that_MPI_does_not_bring_together_are_an_error()
    {
        using var probe = Mpirun.Start(1, "place"); // skips where there is no Open MPI
        (await Mpirun.Finish(probe)).ExpectSuccess();

        var result = await Mpirun.Finish(Mpirun.StartAlone(new() { ["PMI_SIZE"] = "2" }, "place"));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("mpiexec (PMI_SIZE=2) started 2 processes, but Open MPI", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Lines);
    }

    [Fact]
    public async Task Ranks_without_a_usable_MPI_are_told_what_to_install()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "spoils the search of Linux's loader");
        using var folder = new TemporaryFolder();
        folder.Write("libmpi.so.40", "not a library");
        folder.Write("libmpi.so", "not a library");

        var result = await Mpirun.Finish(Mpirun.StartAlone(new() { ["OMPI_COMM_WORLD_SIZE"] = "2", ["LD_LIBRARY_PATH"] = folder.Root }, "place"));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("apt-get install openmpi-bin", result.Error, StringComparison.Ordinal);
    }

    private static ParallelLaunch Read(string[] environment)
    {
        var variables = environment.Select(entry => entry.Split('=')).ToDictionary(parts => parts[0], parts => parts[1]);
        return ParallelLaunch.Read(variables.GetValueOrDefault);
    }
}
