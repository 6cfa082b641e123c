using System.CommandLine;
using LiteVae.Cli.Help;
using LiteVae.Tests;

namespace LiteVae.Cli.Tests;

public sealed class HelpTests
{
    public static TheoryData<string> Commands => [.. Leaves(CommandLine.Create(), "").Append("")];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Every_command_shows_examples_that_it_understands(string path)
    {
        var root = CommandLine.Create();
        var command = path.Split(' ', StringSplitOptions.RemoveEmptyEntries).Aggregate((Command)root, (parent, name) => parent.Subcommands.Single(child => child.Name == name));
        var help = (await Litevae.Run([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"])).Expect(0).Out;
        Assert.NotEmpty(Examples.Of(command));
        foreach (var (what, line) in Examples.Of(command))
        {
            Assert.Contains($"  # {what}{Environment.NewLine}  {line}{Environment.NewLine}", help, StringComparison.Ordinal);
            var typed = line.Split(" > ")[0].Replace("source <(", "", StringComparison.Ordinal).TrimEnd(')');
            Assert.StartsWith("litevae", typed);
            var parsed = root.Parse(typed["litevae".Length..]);
            Assert.Empty(parsed.Errors);
            Assert.True(parsed.CommandResult.Command == command || command == root, line);
        }
    }

    [Fact]
    public async Task The_program_alone_shows_what_it_can_do() => Assert.Contains("litevae reconstruct photos --out out", (await Litevae.Run()).Expect(0).Out, StringComparison.Ordinal);

    [Fact]
    public async Task Wrong_usage_names_the_help_of_the_command_that_was_meant() =>
        Assert.Contains("See `litevae latents verify --help`.", (await Litevae.Run("latents", "verify")).Expect(2).Error, StringComparison.Ordinal);

    [Fact]
    public async Task A_shell_completes_commands_options_and_values()
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "There is no bash here.");
        using var folder = new TemporaryFolder();
        var script = folder.At("completion.sh");
        File.WriteAllText(script, (await Litevae.Run("completion", "bash")).Expect(0).Out);

        Assert.Equal(["encode", "eval", "export"], (await Complete("litevae e")).Where(word => word.StartsWith('e')).Order(StringComparer.Ordinal));
        Assert.Equal(["--device", "--dtype"], await Complete("litevae encode photos --d"));
        Assert.Equal(["bf16", "f16", "f32"], await Complete("litevae encode photos --dtype "));
        Assert.Empty(await Complete("litevae encode nothing-of-this-n"));

        // what bash does when Tab is pressed at the end of a line
        async Task<string[]> Complete(string line)
        {
            var words = line.Split(' ');
            var press = $$"""
                litevae() { dotnet "{{Litevae.Program}}" "$@"; }
                source "{{script}}"
                COMP_LINE="{{line}}" COMP_POINT={{line.Length}} COMP_WORDS=({{string.Join(' ', words.Select(word => $"\"{word}\""))}}) COMP_CWORD={{words.Length - 1}}
                _litevae; printf '%s\n' "${COMPREPLY[@]}"
                """;
            var pressed = await Litevae.Finish(Litevae.StartProgram("/bin/bash", ["-c", press], folder.Root));
            return pressed.Expect(0).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    [Fact]
    public async Task PowerShell_completes_them_too()
    {
        var powerShell = OnPath.Find("pwsh");
        Assert.SkipUnless(powerShell is not null, "There is no pwsh here (dotnet tool install --global powershell).");
        using var folder = new TemporaryFolder();
        var script = folder.Write("completion.ps1", $$"""
            function litevae { dotnet "{{Litevae.Program}}" @args }
            {{(await Litevae.Run("completion", "pwsh")).Expect(0).Out}}
            foreach ($line in 'litevae enc', 'litevae encode photos --d', 'cd /; litevae encode photos --dtype ') {
                [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.CompletionText -join ' '
            }
            """);

        var pressed = await Litevae.Finish(Litevae.StartProgram(powerShell, ["-NoProfile", "-File", script], folder.Root));
        Assert.Equal(["encode", "--device --dtype", "bf16 f16 f32"], pressed.Expect(0).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static IEnumerable<string> Leaves(Command command, string path) => command.Subcommands.Count == 0
        ? [path.Trim()]
        : command.Subcommands.SelectMany(child => Leaves(child, $"{path} {child.Name}"));
}
