using Microsoft.ML;

namespace LiteVae;

/// <summary>What one recipe (encode, decode, reconstruct) does with the rows of a batch. Bound to one input row, owned by one cursor or row; not thread-safe.</summary>
internal interface IBatchWorker : IDisposable
{
    /// <summary>Copies what the model needs from the current input row; never keeps a reference to the row's own value.</summary>
    /// <param name="slot">Where to, 0 to capacity - 1.</param>
    /// <exception cref="InvalidDataException">The row is bad.</exception>
    void Fetch(int slot);

    /// <summary>Does the work that needs no input row, for example decodes a file. Called once for a fetched row, for different slots at the same time.</summary>
    /// <param name="slot">The row's slot.</param>
    /// <exception cref="InvalidDataException">The row is bad.</exception>
    void Prepare(int slot);

    /// <summary>
    /// Makes sure of the model until the result is disposed, for a worker that does not keep it; null where it does. What fails here is no row's fault.
    /// </summary>
    IDisposable? HoldModel();

    /// <summary>Divides slots into the groups that can go through the model together.</summary>
    IEnumerable<IReadOnlyList<int>> Groups(IReadOnlyList<int> slots);

    /// <summary>Runs the model for the rows of one group, or of a part of it. A failure leaves the inputs as they are, to be run again.</summary>
    void Run(IReadOnlyList<int> group);

    /// <summary>A <c>ValueGetter</c> of one output column.</summary>
    /// <param name="output">The output, 0 for the first added column.</param>
    /// <param name="slot">Gives the slot of the row to deliver, after it has been run, or <see cref="BatchRows.Missing"/>.</param>
    Delegate CreateGetter(int output, Func<int> slot);
}

/// <summary>Makes the worker for an input row. The caller owns it.</summary>
/// <param name="input">The row, or cursor, to read from.</param>
/// <param name="capacity">Rows in a batch.</param>
/// <param name="keepModel">
/// Whether the worker holds the model for its whole life. True for cursors. False for the rows of a row mapper, which ML.NET's PredictionEngine never disposes.
/// </param>
internal delegate IBatchWorker OpenWorker(DataViewRow input, int capacity, bool keepModel);

/// <summary>A recipe that knows its input schema.</summary>
/// <param name="Columns">The columns before and after.</param>
/// <param name="Open">Makes its workers.</param>
internal sealed record BoundRecipe(SchemaColumns Columns, OpenWorker Open);
