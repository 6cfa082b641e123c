namespace LiteVae.Cli.Reports;

/// <summary>Passes reports on at once, in order (unlike <see cref="Progress{T}"/>), and keeps the latest.</summary>
internal sealed class Latest<T>(Action<T> show) : IProgress<T>
{
    public T? Value { get; private set; }

    public void Report(T value)
    {
        Value = value;
        show(value);
    }
}
