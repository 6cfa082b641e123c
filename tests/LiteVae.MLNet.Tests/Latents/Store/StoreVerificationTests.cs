namespace LiteVae.Tests.Latents;

public sealed class StoreVerificationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_good_store_has_no_faults()
    {
        var findings = StoreVerification.Run(Write());
        Assert.Empty(findings.Faults);
        Assert.Equal((4, 0, 18L, true), (findings.Parts, findings.MissingParts, findings.Images, findings.IsComplete));
    }

    [Fact]
    public void Every_byte_counts()
    {
        var folder = Write();
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) is not ("plan.json" or "dataset.json" or ".lock")).ToList())
        {
            var good = File.ReadAllBytes(path);
            var bad = good.ToArray();
            bad[bad.Length / 2] ^= 1;
            foreach (var bytes in new[] { bad, good[..^1], [.. good, 0] })
            {
                File.WriteAllBytes(path, bytes);
                Assert.Contains(StoreVerification.Run(folder).Faults, fault => fault.Path == path || Path.GetFileName(fault.Path) == "dataset.json");
            }

            File.Delete(path);
            Assert.Contains(StoreVerification.Run(folder).Faults, fault => fault.Path == path && fault.Reason == "is missing");
            File.WriteAllBytes(path, good);
        }

        Assert.Empty(StoreVerification.Run(folder).Faults);
    }

    [Theory]
    [InlineData("shards/00001.parquet")]
    [InlineData("shards/00001.safetensors")]
    public void A_file_that_is_missing_or_changed_is_the_only_one_named(string file)
    {
        var path = Path.Combine(Write(), file);
        var bytes = File.ReadAllBytes(path);
        bytes[^9] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Equal(path, Assert.Single(StoreVerification.Run(_folder.At("store")).Faults).Path);
        File.Delete(path);
        Assert.Equal(path, Assert.Single(StoreVerification.Run(_folder.At("store")).Faults).Path);
    }

    [Fact]
    public void A_changed_plan_is_named_and_not_what_was_made_by_it()
    {
        var path = Path.Combine(Write(), "plan.json");
        File.AppendAllText(path, " ");
        var fault = Assert.Single(StoreVerification.Run(_folder.At("store")).Faults);
        Assert.Equal(path, fault.Path);
        Assert.Contains("it was changed since", fault.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"mean\": ", "\"mean\": 1")]
    [InlineData("\"images\": 18", "\"images\": 17")]
    [InlineData("\"factor\": 4", "\"factor\": 5")]
    [InlineData("/photos", "/fotos")]
    public void A_summary_that_does_not_fit_the_manifests_is_a_fault(string before, string after)
    {
        var path = Path.Combine(Write(), "dataset.json");
        var changed = File.ReadAllText(path).Replace(before, after, StringComparison.Ordinal);
        Assert.NotEqual(File.ReadAllText(path), changed);
        File.WriteAllText(path, changed);
        Assert.Equal(path, Assert.Single(StoreVerification.Run(_folder.At("store")).Faults).Path);
    }

    [Fact]
    public void A_store_under_way_is_right_as_far_as_it_goes()
    {
        var folder = Write();
        File.Delete(Path.Combine(folder, "dataset.json"));
        File.Delete(Path.Combine(folder, "shards/00002.json"));
        var findings = StoreVerification.Run(folder);
        Assert.Empty(findings.Faults);
        Assert.Equal((1, false), (findings.MissingParts, findings.IsComplete));
    }

    [Fact]
    public void What_is_no_store_is_refused()
    {
        Assert.Throws<DirectoryNotFoundException>(() => StoreVerification.Run(_folder.At("nowhere")));
        Assert.Throws<FileNotFoundException>(() => StoreVerification.Run(_folder.Root));
    }

    private string Write() => WrittenStore.Write(_folder.At("store"));
}
