using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using TorchSharp;

namespace LiteVae.Training;

/// <summary>Loads libtorch before TorchSharp's first call, so that a user of this package need not know how.</summary>
/// <remarks>
/// Two things are mended on Linux x64. TorchSharp's library asks libstdc++ for a symbol version that Debian 12, Ubuntu 22.04 and RHEL 9
/// lack, although nothing in it uses that version: a copy with that one need marked weak is loaded in its place, from a per-user cache.
/// And <c>LITEVAE_LIBTORCH</c> names a folder with a libtorch that is already on the machine, such as a PyTorch installation's
/// <c>torch/lib</c>. Elsewhere TorchSharp's own loading is left alone. It runs when this assembly is first used, and in a program that references
/// the package as the program starts.
/// </remarks>
public static class NativeTorch
{
    /// <summary>Names the folder of a libtorch to use in place of the package's.</summary>
    public const string FolderVariable = "LITEVAE_LIBTORCH";

    // the version that TorchSharp was built for, which the packages of this library name
    private static readonly string Version = typeof(NativeTorch).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(note => note.Key == "LibTorchVersion").Value!;

    private const string SharpLibrary = "libLibTorchSharp.so";

    // Each library finds the ones before it by its SONAME; the CUDA ones are there in a CUDA build only.
    private static readonly string[] TorchLibraries = ["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];

    private static readonly Lazy<(string Report, ExceptionDispatchInfo? Failure)> Loading = new(LoadOnce);

    /// <summary>What was loaded and from where, in one line, for <c>litevae doctor</c>.</summary>
    public static string Report => Loading.Value.Report;

    /// <summary>Makes sure that libtorch is loaded.</summary>
    /// <exception cref="DllNotFoundException">No usable libtorch was found; the message says what was tried and what to do.</exception>
    public static void EnsureLoaded() => Loading.Value.Failure?.Throw();

    // A failure is kept for EnsureLoaded: thrown from here it would reach the user as a TypeInitializationException without a cause.
    [ModuleInitializer]
    internal static void LoadWithAssembly() => _ = Loading.Value;

    private static (string Report, ExceptionDispatchInfo? Failure) LoadOnce()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return ("TorchSharp's own loading (nothing to mend on this system)", null);
        }

        try
        {
            return (LoadOnLinux(Environment.GetEnvironmentVariable(FolderVariable)), null);
        }
        catch (Exception e) when (e is DllNotFoundException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return ($"not loaded: {e.Message}", ExceptionDispatchInfo.Capture(e));
        }
    }

    private static string LoadOnLinux(string? folder)
    {
        var sharp = Find(SharpLibrary) ?? throw new DllNotFoundException($"{SharpLibrary} is not beside the program: reference the TorchSharp package.");
        if (string.IsNullOrEmpty(folder))
        {
            folder = Path.GetDirectoryName(Find("libtorch_cpu.so")) ?? throw new DllNotFoundException(
                $"libtorch is not beside the program. Fetch it once, `dotnet package download libtorch-cpu-linux-x64@{Version} --output DIR`, and set {FolderVariable} to "
                + $"DIR/libtorch-cpu-linux-x64/{Version}/runtimes/linux-x64/native; or to that of a PyTorch on this machine, its torch/lib. A program of your own can reference libtorch-cpu-linux-x64 or TorchSharp-cuda-linux.");
        }
        else if (!File.Exists(Path.Combine(folder, "libtorch_cpu.so")))
        {
            throw new DllNotFoundException($"{FolderVariable} is '{folder}', which holds no libtorch_cpu.so: set it to a folder that does.");
        }

        foreach (var path in TorchLibraries.Select(name => Path.Combine(folder, name)).Where(File.Exists))
        {
            NativeLibrary.Load(path);
        }

        var cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "litevae", "native");
        var loadable = MakeLoadable(sharp, SystemCppLibrary(), cache);
        NativeLibrary.Load(loadable);
        return $"libtorch from {folder}; {(loadable == sharp ? sharp : $"{loadable} (a copy of {sharp} for this system's older libstdc++)")}";
    }

    /// <summary>The library itself where the system's libstdc++ has all it asks for, else a patched copy in the cache.</summary>
    /// <param name="library">TorchSharp's native library; never written to.</param>
    /// <param name="systemCpp">The libstdc++ that the process uses.</param>
    /// <param name="cache">Folder for the copy, which is named by the hash of the original.</param>
    internal static string MakeLoadable(string library, string systemCpp, string cache)
    {
        var bytes = File.ReadAllBytes(library);
        var defined = ElfVersionNeeds.Defined(File.ReadAllBytes(systemCpp));
        var missing = ElfVersionNeeds.Required(bytes).Where(v => v.StartsWith("GLIBCXX_", StringComparison.Ordinal) && !defined.Contains(v)).ToList();
        if (missing.Count == 0)
        {
            return library;
        }

        var copy = Path.Combine(cache, Convert.ToHexStringLower(SHA256.HashData(bytes))[..16], Path.GetFileName(library));
        foreach (var version in missing)
        {
            if (!ElfVersionNeeds.TryWeaken(bytes, version))
            {
                throw new DllNotFoundException($"{library} uses symbols of {version}, which {systemCpp} lacks: a newer libstdc++ is needed (GCC 13 or later).");
            }
        }

        // A copy that another process made, or an earlier one left, is used only if it is what we would write.
        if (!File.Exists(copy) || !File.ReadAllBytes(copy).AsSpan().SequenceEqual(bytes))
        {
            AtomicFile.WriteAllBytes(copy, bytes);
        }

        return copy;
    }

    /// <summary>The path of the libstdc++ that this process has loaded.</summary>
    internal static string SystemCppLibrary()
    {
        NativeLibrary.Load("libstdc++.so.6");
        var line = File.ReadLines("/proc/self/maps").FirstOrDefault(l => l.Contains("/libstdc++.so", StringComparison.Ordinal));
        return line is null ? throw new DllNotFoundException("libstdc++.so.6 is loaded but not among this process's mapped files.") : line[line.IndexOf('/')..];
    }

    /// <summary>Finds a native library where the .NET host would look for it, or in NuGet's cache, where a notebook runs TorchSharp.</summary>
    internal static string? Find(string name)
    {
        var folders = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Append(AppContext.BaseDirectory).Append(Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native")).Concat(PackageFolders())
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    private static IEnumerable<string> PackageFolders()
    {
        // torchsharp/VERSION/lib/TARGET/TorchSharp.dll; empty in a single-file program
        if (typeof(torch).Assembly.Location is { Length: > 0 } library)
        {
            var package = Path.GetFullPath(Path.Combine(library, "..", "..", ".."));
            var packages = Path.GetFullPath(Path.Combine(package, "..", ".."));
            yield return Path.Combine(package, "runtimes", "linux-x64", "native");
            yield return Path.Combine(packages, "libtorch-cpu-linux-x64", Version, "runtimes", "linux-x64", "native");
        }
    }
}
