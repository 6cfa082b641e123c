using k8s;
using k8s.Models;
using LiteVae.Cli.Tests.Commands;
using LiteVae.Tests;
using LiteVae.Tests.Shared;
using YamlDotNet.Core;

namespace LiteVae.Cli.Tests.Clusters;

/// <summary>The sample for Kubernetes, by the types of Kubernetes' own client: a member that they do not have is refused.</summary>
public sealed class KubernetesTests : IDisposable
{
    // Says what it was called with, and ends as it is told to: at once, or after a signal.
    private const string Stub =
        """
        #!/bin/sh
        trap 'exit 130' TERM
        printf '%s\n' "$@" > "$STUB/arguments"
        mv "$STUB/arguments" "$STUB/started"
        while [ "$CODE" = signal ]; do sleep 0.05; done
        exit "$CODE"
        """;

    private readonly TemporaryFolder _folder = new();

    private static string Manifest { get; } = File.ReadAllText(Path.Combine(SharedData.Repository, "samples", "kubernetes", "encode.yaml")).ReplaceLineEndings("\n");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_manifest_is_an_indexed_job_whose_pods_share_the_work()
    {
        var job = Read(Manifest);
        Assert.Equal(($"{V1Job.KubeGroup}/{V1Job.KubeApiVersion}", V1Job.KubeKind), (job.ApiVersion, job.Kind));

        // a limit an index asks for both
        Assert.NotNull(job.Spec.BackoffLimitPerIndex);
        Assert.Equal(("Indexed", "Never"), (job.Spec.CompletionMode, job.Spec.Template.Spec.RestartPolicy));

        var pod = job.Spec.Template.Spec;
        var container = Assert.Single(pod.Containers);
        Assert.False(string.IsNullOrEmpty(container.Name) || string.IsNullOrEmpty(container.Image));
        Assert.Equal(pod.Volumes.Select(volume => volume.Name).Order(), container.VolumeMounts.Select(mount => mount.Name).Order());

        // what the container runs is a command of the program, in the folders that are mounted, for as many tasks as there are pods
        SkipWhereThereIsNoShell();
        (await Litevae.Finish(StartContainer(container, Stub, "0"))).Expect(0);
        var parsed = CommandLine.Create().Parse(File.ReadAllLines(_folder.At("started")));
        Assert.Empty(parsed.Errors.Select(error => error.Message));
        Assert.Equal("encode", parsed.CommandResult.Command.Name);
        Assert.Equal(
            container.VolumeMounts.OrderBy(mount => mount.ReadOnlyProperty != true).Select(mount => mount.MountPath),
            [.. parsed.GetRequiredValue<string[]>("IMAGES"), parsed.GetRequiredValue<string>("--out")]);
        Assert.Equal(job.Spec.Completions, parsed.GetValue<int?>("--tasks"));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)] // done; what failed is recorded
    [InlineData(2, 2)]
    [InlineData(130, 130)]
    [InlineData(137, 137)]
    public async Task A_pod_fails_where_another_one_would_get_further(int litevae, int pod)
    {
        SkipWhereThereIsNoShell();
        (await Litevae.Finish(StartContainer(Container(), Stub, $"{litevae}"))).Expect(pod);
    }

    [Fact]
    public async Task An_eviction_reaches_litevae_and_the_pod_fails()
    {
        SkipWhereThereIsNoShell();
        var pod = StartContainer(Container(), Stub, "signal");
        while (!File.Exists(_folder.At("started")))
        {
            Assert.False(pod.HasExited);
            await Task.Delay(10);
        }

        await Litevae.Signal(pod, "TERM");
        (await Litevae.Finish(pod)).Expect(130);
    }

    [Fact]
    public async Task With_a_broken_image_the_job_completes_and_says_what_failed()
    {
        SkipWhereThereIsNoShell();
        PhotoCrops.Write(_folder.At("photos"), 3);
        var broken = _folder.Write("photos/broken.jpg", "no image");
        var container = Container();
        container.Args = [.. container.Args.Select(line => line.Replace("/photos", _folder.At("photos"), StringComparison.Ordinal).Replace("/latents", _folder.At("latents"), StringComparison.Ordinal))];
        for (var index = 0; index < Read(Manifest).Spec.Completions; index++)
        {
            var pod = (await Litevae.Finish(StartContainer(container, $"#!/bin/sh\nexec dotnet '{Litevae.Program}' \"$@\"", "", index))).Expect(0);
            Assert.Equal(index == 0, pod.Error.Contains($"{broken}: not an image", StringComparison.Ordinal)); // the only part
        }

        var summary = DatasetSummary.Read(_folder.At("latents/dataset.json"));
        Assert.Equal((3, 1), (summary.Images, summary.Failed));
    }

    [Theory]
    [InlineData("completions:", "completion:")]
    [InlineData("backoffLimitPerIndex", "backoffLimitPerindex")]
    [InlineData("containers:", "container:")]
    [InlineData("readOnly:", "readonly:")]
    [InlineData("claimName", "claim")]
    [InlineData("parallelism: 8", "parallelism: eight")]
    [InlineData("memory: 2Gi", "memory: 2GiB")]
    [InlineData("  parallelism: 8\n", "  parallelism: 8\n  parallelism: 8\n")]
    public void A_copy_with_a_fault_is_refused(string good, string bad)
    {
        Assert.Contains(good, Manifest, StringComparison.Ordinal);
        Assert.ThrowsAny<YamlException>(() => Read(Manifest.Replace(good, bad, StringComparison.Ordinal)));
    }

    private static void SkipWhereThereIsNoShell() => Assert.SkipWhen(OperatingSystem.IsWindows(), "runs the manifest's command with sh");

    private static V1Container Container() => Read(Manifest).Spec.Template.Spec.Containers[0];

    /// <summary>Starts what a container does, with a program of one's own in place of litevae.</summary>
    private System.Diagnostics.Process StartContainer(V1Container container, string litevae, string code, int index = 0)
    {
        var program = _folder.Write("bin/litevae", litevae.ReplaceLineEndings("\n"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return Litevae.StartProgram(container.Command[0], [.. container.Command.Skip(1), .. container.Args ?? []], _folder.Root, new()
        {
            ["PATH"] = $"{_folder.At("bin")}:{Environment.GetEnvironmentVariable("PATH")}",
            ["JOB_COMPLETION_INDEX"] = $"{index}",
            ["STUB"] = _folder.Root,
            ["CODE"] = code,
        });
    }

    private static V1Job Read(string yaml) => KubernetesYaml.Deserialize<V1Job>(yaml, strict: true);
}
