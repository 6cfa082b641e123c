using System.CommandLine;
using System.CommandLine.Parsing;
using LiteVae.Training;

namespace LiteVae.Cli.Commands;

/// <summary>Arguments that mean the same in every command that has them.</summary>
internal static class CommonOptions
{
    private const int LargestSide = 16384;

    /// <summary>IMAGES.</summary>
    public static Argument<string[]> Images(string description = "Image files, folders (searched with their subfolders), or .txt lists of paths")
    {
        var images = new Argument<string[]>("IMAGES") { Arity = ArgumentArity.OneOrMore, Description = description };
        images.Validators.Add(result =>
        {
            // Without this a misspelt option would be taken for the name of a file.
            foreach (var token in result.Tokens.Where(token => token.Value.StartsWith('-') && !Path.Exists(token.Value)))
            {
                result.AddError($"'{token.Value}' is neither an option of this command nor a file.");
            }
        });
        return images;
    }

    /// <summary>--model.</summary>
    public static Option<string?> Model() => new("--model")
    {
        HelpName = "M",
        Description = "A model folder (ours, or as Optimum exports one), or the name of a model that ships; the shipped default if absent",
    };

    /// <summary>--device.</summary>
    public static Option<string> Device() => new("--device")
    {
        HelpName = "cpu|cuda:0",
        Description = "Where to run; a device that is not there is an error",
        DefaultValueFactory = _ => "cpu",
    };

    /// <summary>--tile.</summary>
    public static Option<int?> Tile() =>
        new Option<int?>("--tile") { HelpName = "N", Description = "Do larger images in tiles of at most N x N pixels, so that memory is bounded; `info` prints the least N. Absent: whole images" }.InRange(1);

    /// <summary>--size, of the centre crops.</summary>
    public static Option<int?> Size() => new Option<int?>("--size") { HelpName = "N", Description = "Resize the short side to N (antialiased bicubic) and crop the centre N x N" }.InRange(1);

    /// <summary>--native, against --size.</summary>
    public static Option<bool> Native() => new("--native") { Description = "Each image at its own size (the default)" };

    /// <summary>Refuses --size with --native, as wrong usage.</summary>
    public static void RequireOneSize(Command command, Option<int?> size, Option<bool> native) => command.Validators.Add(result =>
    {
        if (result.Has(native) && result.Has(size))
        {
            result.AddError("--size and --native exclude one another.");
        }
    });

    /// <summary>--json FILE|-, for commands with IMAGES, where a file must be named.</summary>
    public static Option<string?> Json() => new("--json") { HelpName = "FILE|-", Description = "Also write the result as one JSON object, to a file or to standard output (-)" };

    /// <summary>--json [FILE|-], for commands without other arguments: standard output where nothing is named.</summary>
    public static Option<string?> JsonOrStandardOutput() => new("--json")
    {
        HelpName = "FILE|-",
        Arity = ArgumentArity.ZeroOrOne,
        Description = "Write the result as one JSON object, to a file or to standard output (-, also if nothing is named)",
        CustomParser = result => result.Tokens.Count == 0 ? "-" : result.Tokens[0].Value,
    };

    /// <summary>Whether the command line names an option; unlike its value, that can be asked of a command line with other faults.</summary>
    public static bool Has(this CommandResult command, Option option) => command.GetResult(option) is { Implicit: false };

    /// <summary>Refuses a number that is not in a range, as wrong usage.</summary>
    public static Option<T> InRange<T>(this Option<T> option, int least, int most = LargestSide)
    {
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (int.TryParse(token.Value, out var value) && (value < least || value > most))
                {
                    result.AddError($"{option.Name} is {value}; allowed are {least} to {most}.");
                }
            }
        });
        return option;
    }

    /// <summary>Refuses a text that is not one line, as wrong usage: it goes into a line of a model card.</summary>
    public static Option<string?> Line(this Option<string?> option)
    {
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !ModelCard.IsLine(token.Value)))
            {
                result.AddError($"{option.Name} is '{FaultText.Printable(token.Value)}' with a line break or another control character (shown as ?); it must be one line of text.");
            }
        });
        return option;
    }

    /// <summary>Refuses a size that the model cannot take.</summary>
    /// <exception cref="ArgumentException">It is not a multiple of the model's downsampling factor.</exception>
    public static void RequireMultiple(int size, LiteVaeConfig config)
    {
        if (size % config.DownsamplingFactor != 0)
        {
            throw new ArgumentException($"--size is {size}; {config.Name} needs a multiple of {config.DownsamplingFactor}, such as {PixelTensor.RoundUp(size, config.DownsamplingFactor)}.");
        }
    }

    /// <summary>A model or device that does not work is one error, not one for each image.</summary>
    public static void RequireWorking(LiteVaeModel model)
    {
        var side = model.Config.DownsamplingFactor;
        _ = model.Reconstruct(new RgbImage(side, side, new byte[side * side * 3]));
    }
}
