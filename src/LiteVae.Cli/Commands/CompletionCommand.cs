using System.CommandLine;

namespace LiteVae.Cli.Commands;

/// <summary><c>litevae completion</c>: a script that lets a shell complete commands, options and their values.</summary>
internal static class CompletionCommand
{
    // Each asks the program itself, by the directive that System.CommandLine answers; where that has no answer the shell completes files.
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = """
            _litevae() {
                local IFS=$'\n'
                COMPREPLY=($(compgen -W "$(litevae "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _litevae litevae
            """,
        ["zsh"] = """
            #compdef litevae
            _litevae() {
                local -a found
                found=("${(@f)$(litevae "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
                compadd -- ${found:#}
                _files
            }
            compdef _litevae litevae
            """,
        ["fish"] = """
            complete -c litevae -a '(set -l line (commandline -cp); litevae "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)'
            """,
        ["pwsh"] = """
            Register-ArgumentCompleter -Native -CommandName litevae -ScriptBlock {
                param($word, $command, $position)
                $cursor = $position - $command.Extent.StartOffset
                litevae "[suggest:$cursor]" $command.Extent.Text.PadRight($cursor) 2>$null | Where-Object { $_ -like "$word*" } | ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
                }
            }
            """,
    };

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh, fish or pwsh" }.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command("completion", "Print a script that completes this program's commands and options in a shell") { shell };
        command.SetAction(parsed => Console.Out.Write(Scripts[parsed.GetRequiredValue(shell)].ReplaceLineEndings("\n") + "\n"));
        return command;
    }
}
