using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace LiteVae.Cli.Help;

/// <summary>The library's help of a command, and below it examples.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    /// <summary>Gives the help of a root command, and so that of all commands below it, examples.</summary>
    public static RootCommand AddTo(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExamples((HelpAction)option.Action!);
        return root;
    }

    /// <summary>Who asks for help has not named what a command needs yet.</summary>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var result = help.Invoke(parseResult);
        var examples = Examples.Of(parseResult.CommandResult.Command);
        var output = parseResult.InvocationConfiguration.Output;
        if (examples.Count > 0)
        {
            output.WriteLine("Examples:");
            foreach (var (what, line) in examples)
            {
                output.WriteLine($"  # {what}");
                output.WriteLine($"  {line}");
            }

            output.WriteLine();
        }

        return result;
    }
}
