using System.Text;

namespace LiteVae.Notebooks;

/// <summary>The console while cells run: what a cell writes is its output.</summary>
internal sealed class CellConsole : IDisposable
{
    private readonly TextWriter _out = Console.Out;
    private readonly TextWriter _error = Console.Error;

    public CellConsole()
    {
        Console.SetOut(new StreamWriter("stdout", _out));
        Console.SetError(new StreamWriter("stderr", _error));
    }

    public void Dispose()
    {
        Console.SetOut(_out);
        Console.SetError(_error);
    }

    /// <param name="name">The stream's name in the notebook.</param>
    /// <param name="otherwise">Where the text of others goes, who happen to write meanwhile.</param>
    private sealed class StreamWriter(string name, TextWriter otherwise) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => Write(value.ToString());

        public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

        public override void WriteLine(string? value) => Write(value + NewLine); // at once, so that lines of several threads stay whole

        public override void Write(string? value)
        {
            if (CellDisplay.Running.Value is { } outputs)
            {
                outputs.Write(name, value ?? "");
            }
            else
            {
                otherwise.Write(value);
            }
        }
    }
}
