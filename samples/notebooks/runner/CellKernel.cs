using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.CodeAnalysis.Scripting.Hosting;

namespace LiteVae.Notebooks;

/// <summary>Runs cells one after the other, each with what those before it left.</summary>
internal sealed class CellKernel : IDisposable
{
    // what .NET Interactive has open too, so that a cell that runs here runs there
    private static readonly string[] Imports =
        ["System", "System.Text", "System.Collections", "System.Collections.Generic", "System.Threading.Tasks", "System.Linq", $"LiteVae.Notebooks.{nameof(CellDisplay)}"];

    private readonly InteractiveAssemblyLoader _loader = new();
    private readonly ScriptOptions _options;
    private ScriptState<object>? _state;

    /// <param name="folder">Where <c>#load</c> looks for files.</param>
    public CellKernel(string folder)
    {
        var assemblies = ProgramAssemblies();
        assemblies.ForEach(_loader.RegisterDependency); // cells share the program's own, with their types
        _options = ScriptOptions.Default
            .WithReferences(assemblies)
            .WithImports(Imports)
            .WithSourceResolver(new SourceFileResolver(ImmutableArray<string>.Empty, folder))
            .WithOptimizationLevel(OptimizationLevel.Release)
            .WithLanguageVersion(LanguageVersion.Latest);
    }

    public void Dispose() => _loader.Dispose();

    /// <summary>Runs a cell.</summary>
    /// <param name="code">The code.</param>
    /// <param name="number">How many cells have run with this one.</param>
    /// <returns>What it showed, and, where it failed, why.</returns>
    public async Task<(CellOutputs Outputs, string? Error)> Run(string code, int number)
    {
        var outputs = new CellOutputs();
        CellDisplay.Running.Value = outputs;
        try
        {
            code = PackageLines.Remove(code);
            var script = _state is null ? CSharpScript.Create<object>(code, _options, assemblyLoader: _loader) : _state.Script.ContinueWith<object>(code, _options);
            _state = _state is null ? await script.RunAsync() : await script.RunFromAsync(_state);
            if (_state.ReturnValue is { } value)
            {
                outputs.Result(MimeBundle.Of(value), number);
            }

            return (outputs, null);
        }
        catch (Exception e)
        {
            outputs.Error(e.GetType().Name, e.Message, Trace(e));
            return (outputs, e.Message);
        }
        finally
        {
            CellDisplay.Running.Value = null;
        }
    }

    // Paths of this machine, and Roslyn's own frames, say nothing to a reader.
    private static string Trace(Exception e) => e is CompilationErrorException
        ? string.Join('\n', ((CompilationErrorException)e).Diagnostics)
        : $"{e.GetType().Name}: {e.Message}";

    private static List<Assembly> ProgramAssemblies() => [.. ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(TryLoad).OfType<Assembly>()];

    private static Assembly? TryLoad(string path)
    {
        try
        {
            return Assembly.Load(new AssemblyName(Path.GetFileNameWithoutExtension(path)));
        }
        catch (Exception e) when (e is BadImageFormatException or FileNotFoundException or FileLoadException)
        {
            return null; // not one for programs
        }
    }
}
