namespace LiteVae.Tests.Transforms;

public sealed class BatchRowsTests : IDisposable
{
    private readonly Pipeline _pipeline = new();

    public void Dispose() => _pipeline.Dispose();

    [Theory]
    [InlineData(OnRowError.Throw)]
    [InlineData(OnRowError.Missing)]
    public void A_row_that_the_model_fails_on_is_a_bad_row_and_the_others_get_their_values(OnRowError onError)
    {
        // Groups {0, 1, 2}, {3, 4, 5}: slot 4 fails whatever it runs with.
        var worker = new Worker(slot => slot == 4 ? new InvalidOperationException("no memory for slot 4") : null);
        var rows = Fetched(worker, 6, onError);

        foreach (var slot in new[] { 0, 1, 2, 3, 5 })
        {
            Assert.Equal(slot, rows.Demand(slot));
        }

        if (onError == OnRowError.Throw)
        {
            var error = Assert.Throws<InvalidDataException>(() => rows.Demand(4));
            Assert.Equal("Row 104: no memory for slot 4", error.Message);
            Assert.IsType<InvalidOperationException>(error.InnerException);
        }
        else
        {
            Assert.Equal(BatchRows.Missing, rows.Demand(4));
        }

        Assert.Equal((1, "Row 104: no memory for slot 4"), (rows.BadRows, rows.FirstFault));
        Assert.Equal(["0 1 2", "3 4 5", "3", "4", "5"], worker.Runs);
    }

    [Fact]
    public void A_failing_group_of_one_row_is_not_run_again()
    {
        var worker = new Worker(_ => new InvalidOperationException("never"));
        var rows = Fetched(worker, 1, OnRowError.Missing);
        Assert.Equal([BatchRows.Missing, BatchRows.Missing], [rows.Demand(0), rows.Demand(0)]);
        Assert.Equal(["0"], worker.Runs);
    }

    [Theory]
    [InlineData(typeof(OperationCanceledException))]
    [InlineData(typeof(ObjectDisposedException))]
    public void What_is_no_fault_of_a_row_is_thrown_whatever_rows_are_asked_for(Type type)
    {
        var worker = new Worker(slot => slot == 2 ? type == typeof(ObjectDisposedException) ? new ObjectDisposedException("model") : new OperationCanceledException() : null);
        var rows = Fetched(worker, 3, OnRowError.Missing);
        Assert.Throws(type, () => rows.Demand(0));
        Assert.Throws(type, () => rows.Demand(1));
        Assert.Equal(0, rows.BadRows);
    }

    [Fact]
    public void Rows_are_prepared_side_by_side_and_a_failure_there_is_that_row_s_alone()
    {
        // Each of the two waits for the other: one after the other they would never end.
        using var both = new Barrier(2);
        var worker = new Worker(_ => null)
        {
            Preparation = slot =>
            {
                Assert.True(both.SignalAndWait(TimeSpan.FromSeconds(30)));
                return slot == 1 ? new InvalidDataException("not an image") : null;
            },
        };
        var rows = Fetched(worker, 2, OnRowError.Missing, threads: 2);

        Assert.Equal([0, BatchRows.Missing], [rows.Demand(0), rows.Demand(1)]);
        Assert.Equal("Row 101: not an image", rows.FirstFault);
        Assert.Equal(["0"], worker.Runs);
    }

    [Fact]
    public void Files_are_not_decoded_after_a_cancellation()
    {
        using var cancellation = new CancellationTokenSource();
        var prepared = 0;
        var worker = new Worker(_ => null)
        {
            Preparation = _ =>
            {
                prepared++;
                cancellation.Cancel();
                return null;
            },
        };
        var rows = Fetched(worker, 6, OnRowError.Missing, cancellation: cancellation.Token);
        Assert.Throws<OperationCanceledException>(() => rows.Demand(0));
        Assert.Equal((1, 0, 0), (prepared, worker.Runs.Count, rows.BadRows));
    }

    [Fact]
    public void A_row_whose_source_is_gone_is_no_bad_row_and_leaves_none_behind()
    {
        var worker = new Worker(_ => null) { Fetching = slot => slot == 1 ? new ObjectDisposedException("source") : null };
        var rows = new BatchRows(worker, 3, new BatchingSettings(_pipeline.Host, new LiteVaeEncodeOptions { OnError = OnRowError.Missing }));
        rows.Fetch(0);
        Assert.Throws<ObjectDisposedException>(() => rows.Fetch(1));
        Assert.Equal((0, 0), (rows.Demand(0), rows.BadRows));
        Assert.Equal(["0"], worker.Runs);
    }

    [Fact]
    public void What_a_cancellation_left_undone_is_done_when_it_is_asked_for_again()
    {
        var cancelled = true;
        var worker = new Worker(slot => slot == 3 && cancelled ? new OperationCanceledException() : null);
        var rows = Fetched(worker, 6, OnRowError.Throw);
        Assert.Throws<OperationCanceledException>(() => rows.Demand(0));
        cancelled = false;

        Assert.Equal(5, rows.Demand(5));
        Assert.Equal(["0 1 2", "3 4 5", "3 4 5"], worker.Runs);
    }

    /// <summary>Rows 100, 101, ... in the slots 0, 1, ...</summary>
    private BatchRows Fetched(Worker worker, int count, OnRowError onError, int threads = 1, CancellationToken cancellation = default)
    {
        var settings = new BatchingSettings(_pipeline.Host, new LiteVaeEncodeOptions { OnError = onError, Threads = threads, CancellationToken = cancellation });
        var rows = new BatchRows(worker, count, settings);
        for (var i = 0; i < count; i++)
        {
            rows.Fetch(100 + i);
        }

        return rows;
    }

    /// <summary>Groups of three; a run fails with the fault of its first slot that has one.</summary>
    private sealed class Worker(Func<int, Exception?> fault) : IBatchWorker
    {
        public List<string> Runs { get; } = [];

        public Func<int, Exception?> Preparation { get; init; } = _ => null;

        public Func<int, Exception?> Fetching { get; init; } = _ => null;

        public void Fetch(int slot)
        {
            if (Fetching(slot) is { } error)
            {
                throw error;
            }
        }

        public void Prepare(int slot)
        {
            if (Preparation(slot) is { } error)
            {
                throw error;
            }
        }

        public IDisposable? HoldModel() => null;

        public IEnumerable<IReadOnlyList<int>> Groups(IReadOnlyList<int> slots) => slots.Chunk(3);

        public void Run(IReadOnlyList<int> group)
        {
            Runs.Add(string.Join(' ', group));
            if (group.Select(fault).FirstOrDefault(found => found is not null) is { } error)
            {
                throw error;
            }
        }

        public Delegate CreateGetter(int output, Func<int> slot) => slot;

        public void Dispose()
        {
        }
    }
}
