using k8s;
using k8s.Models;
using LiteVae.Tests.Shared;
using YamlDotNet.Core;

namespace LiteVae.Cli.Tests.Clusters;

/// <summary>The sample for Kubernetes, by the types of Kubernetes' own client: a member that they do not have is refused.</summary>
public sealed class KubernetesTests
{
    private static string Manifest { get; } = File.ReadAllText(Path.Combine(SharedData.Repository, "samples", "kubernetes", "encode.yaml")).ReplaceLineEndings("\n");

    [Fact]
    public void The_manifest_is_an_indexed_job_whose_pods_share_the_work()
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
        Assert.Equal("litevae", container.Command[0]);
        var parsed = CommandLine.Create().Parse([.. container.Command.Skip(1), .. container.Args ?? []]);
        Assert.Empty(parsed.Errors.Select(error => error.Message));
        Assert.Equal("encode", parsed.CommandResult.Command.Name);
        Assert.Equal(
            container.VolumeMounts.OrderBy(mount => mount.ReadOnlyProperty != true).Select(mount => mount.MountPath),
            [.. parsed.GetRequiredValue<string[]>("IMAGES"), parsed.GetRequiredValue<string>("--out")]);
        Assert.Equal(job.Spec.Completions, parsed.GetValue<int?>("--tasks"));
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

    private static V1Job Read(string yaml) => KubernetesYaml.Deserialize<V1Job>(yaml, strict: true);
}
