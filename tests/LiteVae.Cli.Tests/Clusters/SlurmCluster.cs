using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using LiteVae.Tests;

namespace LiteVae.Cli.Tests.Clusters;

/// <summary>A Slurm cluster of this machine alone: munge, controller and node daemon, started for a test and ended with it.</summary>
internal sealed class SlurmCluster : IDisposable
{
    private static readonly string[] Programs = ["/usr/sbin/munged", "/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/bin/sbatch"];

    private readonly TemporaryFolder _folder = new();
    private readonly List<Process> _daemons = [];

    /// <summary>Starts the daemons and waits until the node takes jobs.</summary>
    public SlurmCluster()
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("There is no Slurm for Windows.");
        }

        foreach (var name in new[] { "state", "spool", "munge" })
        {
            Directory.CreateDirectory(_folder.At(name));
        }

        try
        {
            File.SetUnixFileMode(_folder.At("munge"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.WriteAllBytes(_folder.At("munge/key"), RandomNumberGenerator.GetBytes(1024));
            File.SetUnixFileMode(_folder.At("munge/key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.WriteAllText(_folder.At("slurm.conf"), Configuration());
            StartDaemon(
                "/usr/sbin/munged", "--foreground", "--force", $"--key-file={_folder.At("munge/key")}", $"--socket={Socket}", $"--pid-file={_folder.At("munge/pid")}",
                $"--log-file={_folder.At("munge/log")}", $"--seed-file={_folder.At("munge/seed")}");
            Wait("munge", () => File.Exists(Socket));
            StartDaemon("/usr/sbin/slurmctld", "-D");
            StartDaemon("/usr/sbin/slurmd", "-D", "-N", "node");
            Wait("the node", () => Run("sinfo", "--noheader", "--format=%t").Trim() == "idle");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private string Socket => _folder.At("munge/socket");

    /// <summary>Skips the test where there is no Slurm, or no right to start it.</summary>
    public static void SkipWhereThereIsNone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Programs.All(File.Exists), "Slurm is not here: apt-get install slurm-wlm munge");
        Assert.SkipUnless(Environment.UserName == "root", "slurmd starts jobs as root alone");
    }

    /// <summary>Runs one of Slurm's commands and returns what it printed.</summary>
    public string Run(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output.Result : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {error}");
    }

    /// <summary>Waits until something holds, a minute or two.</summary>
    public static void Wait(string what, Func<bool> holds)
    {
        for (var clock = Stopwatch.StartNew(); !Holds(); Thread.Sleep(100))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), $"{what} did not come");
        }

        bool Holds()
        {
            try
            {
                return holds();
            }
            catch (InvalidOperationException)
            {
                return false; // a command before its daemon listens
            }
        }
    }

    public void Dispose()
    {
        foreach (var daemon in Enumerable.Reverse(_daemons))
        {
            daemon.Kill(entireProcessTree: true);
            daemon.WaitForExit();
            daemon.Dispose();
        }

        _folder.Dispose();
    }

    private void StartDaemon(string program, params string[] arguments)
    {
        var daemon = Start(program, arguments);
        daemon.BeginOutputReadLine(); // a full pipe would stop it
        daemon.BeginErrorReadLine();
        _daemons.Add(daemon);
    }

    private Process Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SLURM_CONF"] = _folder.At("slurm.conf");
        return Process.Start(start)!;
    }

    private string Configuration() =>
        $"""
        ClusterName=litevae
        SlurmctldHost={Dns.GetHostName().Split('.')[0]}(127.0.0.1)
        SlurmUser=root
        SlurmctldPort={FreePort()}
        SlurmdPort={FreePort()}
        AuthType=auth/munge
        AuthInfo=socket={Socket}
        StateSaveLocation={_folder.At("state")}
        SlurmdSpoolDir={_folder.At("spool")}
        SlurmctldPidFile={_folder.At("slurmctld.pid")}
        SlurmdPidFile={_folder.At("slurmd.pid")}
        ProctrackType=proctrack/linuxproc
        TaskPlugin=task/none
        JobAcctGatherType=jobacct_gather/none
        AccountingStorageType=accounting_storage/none
        SelectType=select/cons_tres
        SelectTypeParameters=CR_Core
        MpiDefault=none
        SwitchType=switch/none
        SchedulerParameters=sched_interval=1,batch_sched_delay=0
        NodeName=node NodeHostname={Dns.GetHostName().Split('.')[0]} NodeAddr=127.0.0.1 CPUs={Environment.ProcessorCount} State=UNKNOWN
        PartitionName=all Nodes=node Default=YES MaxTime=INFINITE State=UP

        """;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
