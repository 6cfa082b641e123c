using System.Runtime.InteropServices;

namespace LiteVae.Training;

/// <summary>The cores that this process may run on: mpirun and Slurm bind processes to some, or to none in particular.</summary>
internal static partial class CpuAffinity
{
    /// <summary>Number of cores that can be told apart.</summary>
    public const int MaxCores = 8192;

    /// <summary>1 for each core that this process may run on, else 0; <see cref="MaxCores"/> of them.</summary>
    public static double[] Read()
    {
        var mask = new byte[MaxCores / 8];
        if (GetAffinity(0, mask.Length, mask) < 0)
        {
            Array.Fill(mask, byte.MaxValue, 0, 1); // unknown: some core
        }

        return [.. Enumerable.Range(0, MaxCores).Select(core => (double)((mask[core / 8] >> (core % 8)) & 1))];
    }

    /// <summary>A process's share of its cores, each divided among all who may run on it; at least 1.</summary>
    /// <param name="own">1 for each core of the process.</param>
    /// <param name="users">How many processes of the machine may run on each core.</param>
    public static int Share(double[] own, double[] users)
    {
        const double rounding = 1e-6; // ten tenths are one
        return Math.Max(1, (int)(own.Zip(users, (mine, all) => mine > 0 ? mine / all : 0).Sum() + rounding));
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int process, nint bytes, [Out] byte[] mask);
}
