using System.Runtime.CompilerServices;

// ML.NET keeps the constructors of schema shapes and the saving of components internal; build/PublicizeMlNet.targets says how we compile against them.
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Data")]

namespace System.Runtime.CompilerServices;

/// <summary>Known to the runtime by its name: it then skips access checks on the named assembly. The class library does not declare it.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    public string AssemblyName { get; } = assemblyName;
}
