using LiteVae.Tests.Latents.Store;

namespace LiteVae.Tests.Latents.Planning;

public sealed class StorePlannerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Sources_are_sorted_divided_and_found_again_and_of_one_key_the_first_path_is_kept()
    {
        foreach (var file in new[] { "x/b.jpg", "y/b.jpg", "x/a.jpg", "y/c.jpg", "y/B.jpg", "x/d.jpg" })
        {
            _folder.Write(file, "");
        }

        var plan = Plan("store", "y", "x", "x/a.jpg"); // the last is in x too: the same source twice is one
        Assert.Equal((6, 2), (plan.Sources, plan.Parts));
        var paths = new StorePaths(_folder.At("store"));
        SourceRecord[] sources = [.. SourceList.Read(paths, plan, 0), .. SourceList.Read(paths, plan, 1)];
        Assert.Equal(["B.jpg", "a.jpg", "b.jpg", "b.jpg", "c.jpg", "d.jpg"], sources.Select(source => source.Key));
        Assert.Null(sources[2].Failure);
        Assert.Equal(_folder.At("x/b.jpg"), sources[2].Path);
        Assert.Equal($"the key b.jpg is also that of {_folder.At("x/b.jpg")}", sources[3].Failure);
        Assert.Equal(plan.SourcesSha256, SourceList.Sha256Of(paths.Sources(plan.SourcesSha256)));
        Assert.Equal(2, Directory.GetFileSystemEntries(paths.Root).Length); // the list and the plan
    }

    [Fact]
    public void The_first_plan_stays_and_the_list_of_the_second_planner_goes()
    {
        _folder.Write("x/a.jpg", "");
        var first = Plan("store", "x");
        _folder.Write("x/b.jpg", "");
        var second = Plan("store", "x"); // as one does that began before the first had ended
        Assert.Equal(StoreJson.File(first), StoreJson.File(second));
        Assert.Equal([new StorePaths(_folder.At("store")).Sources(first.SourcesSha256)], Directory.GetFiles(_folder.At("store"), StorePaths.SourcesPattern));
    }

    [Fact]
    public void Many_planners_at_once_agree_on_one_plan()
    {
        _folder.Write("x/a.jpg", "");
        var plans = new string[8];
        Parallel.For(0, plans.Length, i =>
        {
            _folder.Write($"x/{i}.jpg", ""); // so that they do not all find the same
            plans[i] = Convert.ToHexString(StoreJson.File(Plan("store", "x")));
        });
        Assert.Single(plans.Distinct());
        Assert.Single(Directory.GetFiles(_folder.At("store"), StorePaths.SourcesPattern));
        SourceList.Read(new StorePaths(_folder.At("store")), StorePlan.Read(_folder.At("store/plan.json")).Plan, 0);
    }

    [Fact]
    public void A_folder_too_deep_to_be_read_is_a_failure()
    {
        _folder.Write("x/a.jpg", "");
        Assert.SkipUnless(OperatingSystem.IsLinux(), "paths of other systems have other ends");
        try
        {
            // no path leads into the lower half any more, once it hangs below the upper one
            var half = string.Join('/', Enumerable.Repeat(new string('d', 200), 15));
            Directory.CreateDirectory(_folder.At($"x/{half}"));
            Directory.CreateDirectory(_folder.At($"low/{half}"));
            Directory.Move(_folder.At("low"), _folder.At($"x/{half}/low"));
            var plan = Plan("store", "x");
            var sources = SourceList.Read(new StorePaths(_folder.At("store")), plan, 0);
            Assert.Equal(2, sources.Count);
            Assert.Contains("the folder cannot be read", sources[1].Failure, StringComparison.Ordinal);
        }
        finally
        {
            Assert.Equal(0, Shell($"rm -r {_folder.At("x")}")); // .NET cannot
        }
    }

    private static int Shell(string command)
    {
        using var shell = System.Diagnostics.Process.Start("sh", ["-c", command]);
        shell.WaitForExit();
        return shell.ExitCode;
    }

    private StorePlan Plan(string store, params string[] inputs)
    {
        var settings = TinyStores.Settings() with { Inputs = [.. inputs.Select(_folder.At)] };
        StorePlanner.Plan(new StorePaths(_folder.At(store)), settings, LabelSource.Columns, null, CancellationToken.None);
        return StorePlan.Read(_folder.At($"{store}/plan.json")).Plan;
    }
}
