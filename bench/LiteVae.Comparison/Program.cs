using System.CommandLine;
using LiteVae.Cli;
using LiteVae.Comparison;

try
{
    return ComparisonCommand.Create().Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e)
{
    Console.Error.WriteLine(CommandLine.Explain(e));
    return ExitCode.Nothing;
}
