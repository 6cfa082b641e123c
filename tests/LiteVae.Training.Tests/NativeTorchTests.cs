using System.Text;
using LiteVae.Tests;

namespace LiteVae.Training.Tests;

/// <summary>The loader, on TorchSharp's real library and this system's real libstdc++.</summary>
public sealed class NativeTorchTests
{
    private const string Asked = "GLIBCXX_3.4.32"; // what TorchSharp 0.107 asks for

    public static bool IsLinuxX64 => OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    [Fact(Skip = "the loader mends Linux x64 only", SkipUnless = nameof(IsLinuxX64))]
    public void A_libstdcxx_without_the_version_gets_a_patched_copy_and_the_original_stays()
    {
        using var folder = new TemporaryFolder();
        var library = NativeTorch.Find("libLibTorchSharp.so")!;
        var before = File.ReadAllBytes(library);
        var old = Rename(NativeTorch.SystemCppLibrary(), Asked, "GLIBCXX_9.9.99", folder.At("old.so"));

        var copy = NativeTorch.MakeLoadable(library, old, folder.At("cache"));

        Assert.StartsWith(folder.At("cache"), copy, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(library));
        var after = File.ReadAllBytes(copy);
        Assert.Equal(1, before.Zip(after).Count(p => p.First != p.Second)); // one flag, in one byte
        Assert.Contains(Asked, ElfVersionNeeds.Required(before));
        Assert.DoesNotContain(Asked, ElfVersionNeeds.Required(after));

        // a second process finds the copy, and a spoilt one is made anew
        Assert.Equal(copy, NativeTorch.MakeLoadable(library, old, folder.At("cache")));
        File.WriteAllText(copy, "spoilt");
        NativeTorch.MakeLoadable(library, old, folder.At("cache"));
        Assert.Equal(after, File.ReadAllBytes(copy));
    }

    [Fact(Skip = "the loader mends Linux x64 only", SkipUnless = nameof(IsLinuxX64))]
    public void A_libstdcxx_with_the_version_gets_no_patch()
    {
        using var folder = new TemporaryFolder();
        var library = NativeTorch.Find("libLibTorchSharp.so")!;
        var system = NativeTorch.SystemCppLibrary();
        var (defined, required) = (ElfVersionNeeds.Defined(File.ReadAllBytes(system)), ElfVersionNeeds.Required(File.ReadAllBytes(library)));
        var spare = defined.First(v => v.Length == Asked.Length && v.StartsWith("GLIBCXX_3.4.", StringComparison.Ordinal) && !required.Contains(v));
        var enough = defined.Contains(Asked) ? system : Rename(system, spare, Asked, folder.At("new.so"));

        Assert.Equal(library, NativeTorch.MakeLoadable(library, enough, folder.At("cache")));
        Assert.False(Directory.Exists(folder.At("cache")));
    }

    [Fact(Skip = "the loader mends Linux x64 only", SkipUnless = nameof(IsLinuxX64))]
    public void A_version_whose_symbols_are_used_is_not_weakened()
    {
        // every C++ library calls into the first version
        var bytes = File.ReadAllBytes(NativeTorch.Find("libLibTorchSharp.so")!);
        var before = bytes.ToArray();
        Assert.False(ElfVersionNeeds.TryWeaken(bytes, "GLIBCXX_3.4"));
        Assert.Equal(before, bytes);
    }

    [Fact]
    public void Something_that_is_no_library_is_refused() =>
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.Required(Encoding.ASCII.GetBytes(new string('x', 100))));

    private static string Rename(string library, string from, string to, string copy)
    {
        // a version's name stands once, in the string table
        var bytes = File.ReadAllBytes(library);
        var at = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(from + "\0"));
        if (at >= 0)
        {
            Encoding.ASCII.GetBytes(to).CopyTo(bytes, at);
        }

        File.WriteAllBytes(copy, bytes);
        return copy;
    }
}
