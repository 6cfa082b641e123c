using System.Collections.Concurrent;

namespace LiteVae;

/// <summary>The shards of a store that are open: opened when first asked for, the longest unused closed when there are too many. Thread-safe.</summary>
/// <param name="index">Where the shards are.</param>
/// <param name="checkHashes">Whether files are compared with their hashes.</param>
/// <param name="mostRows">How many rows the tables that are kept have, at most, unless they are few.</param>
internal sealed class OpenShards(StoreIndex index, bool checkHashes, int mostRows = OpenShards.MostRows) : IDisposable
{
    /// <summary>Most that are open while nobody uses more at once.</summary>
    public const int Most = 256;

    // Tables are read whole, of rows of about 500 bytes: 100 MB. That is 48 tables of the usual size; of larger ones as many stay as an order shuffled in the usual
    // way draws from, or each row asked for would cost the reading of a table.
    private const int MostRows = 200_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, Opened> _shards = [];
    private readonly Dictionary<int, ReadTable> _tables = [];
    private readonly ConcurrentDictionary<int, bool> _checked = [];
    private long _clock;
    private bool _disposed;

    /// <summary>Tables read so far.</summary>
    internal int TablesRead { get; private set; }

    /// <summary>Has something done with a shard while it stays open.</summary>
    public T Use<T>(StoreShard shard, Func<LatentShard, T> work)
    {
        using var lease = Lease(shard);
        return work(lease.File);
    }

    /// <summary>Keeps a shard open until what is returned is disposed.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public ShardLease Lease(StoreShard shard)
    {
        Opened? opened;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(LatentStore));
            if (!_shards.TryGetValue(shard.Number, out opened))
            {
                CloseUnused(Most - 1);
                opened = new Opened(() => Open(shard));
                _shards.Add(shard.Number, opened);
            }

            opened.Users++;
            opened.LastUse = ++_clock;
        }

        try
        {
            _ = opened.File; // opened here, where readers of other shards do not wait for its hash
            return new ShardLease(this, opened);
        }
        catch
        {
            lock (_lock)
            {
                _ = _shards.GetValueOrDefault(shard.Number) == opened && _shards.Remove(shard.Number);
            }

            throw;
        }
    }

    /// <summary>The rows of a shard.</summary>
    /// <exception cref="InvalidDataException">The table is damaged.</exception>
    public IReadOnlyList<LatentRow> RowsOf(StoreShard shard)
    {
        lock (_lock)
        {
            if (_tables.TryGetValue(shard.Number, out var known))
            {
                known.LastUse = ++_clock;
                return known.Rows;
            }
        }

        var rows = RowTable.ReadFile(index.Paths.Shard(shard.Entry.Table.Name), shard.Entry.Rows, checkHashes ? shard.Entry.Table.Sha256 : null);
        lock (_lock)
        {
            TablesRead++;
            var held = _tables.Sum(table => table.Value.Rows.Count);
            foreach (var (number, table) in _tables.OrderBy(table => table.Value.LastUse).ToList())
            {
                if (held + rows.Count <= mostRows || _tables.Count < ShuffledOrder.ShardsAtOnce)
                {
                    break;
                }

                _tables.Remove(number);
                held -= table.Rows.Count;
            }

            _tables[shard.Number] = new ReadTable(rows) { LastUse = ++_clock };
            return rows;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            CloseUnused(0); // whoever still reads closes its own
        }
    }

    private LatentShard Open(StoreShard shard)
    {
        var (path, expected) = (index.Paths.Shard(shard.Entry.Tensors.Name), shard.Entry.Tensors);
        if (checkHashes && !_checked.ContainsKey(shard.Number))
        {
            var found = SourceList.Sha256Of(path);
            _ = found == expected.Sha256 ? _checked.TryAdd(shard.Number, true)
                : throw new InvalidDataException($"{path}: the file has the SHA-256 {found}; its manifest says {expected.Sha256}: it is damaged, or was changed.");
        }

        var file = LatentShard.Open(path, index.Dataset.Settings);
        if (file.Count == shard.Entry.Rows && shard.Entry.Shape.SequenceEqual([file.Count, file.Channels, file.Height, file.Width]))
        {
            return file;
        }

        file.Dispose();
        throw new InvalidDataException($"{path}: the moments are [{file.Count}, {file.Channels}, {file.Height}, {file.Width}]; its manifest says [{string.Join(", ", shard.Entry.Shape)}].");
    }

    private void CloseUnused(int keep)
    {
        foreach (var (number, opened) in _shards.Where(shard => shard.Value.Users == 0).OrderBy(shard => shard.Value.LastUse).Take(Math.Max(0, _shards.Count - keep)).ToList())
        {
            _shards.Remove(number);
            opened.File.Dispose();
        }
    }

    private void Return(Opened opened)
    {
        lock (_lock)
        {
            opened.Users--;
            if (_disposed)
            {
                CloseUnused(0);
            }
        }
    }

    /// <summary>A shard that stays open.</summary>
    public readonly struct ShardLease : IDisposable
    {
        private readonly OpenShards _owner;
        private readonly Opened _opened;

        internal ShardLease(OpenShards owner, object opened) => (_owner, _opened) = (owner, (Opened)opened);

        /// <summary>The shard.</summary>
        public LatentShard File => _opened.File;

        public void Dispose() => _owner.Return(_opened);
    }

    private sealed class ReadTable(IReadOnlyList<LatentRow> rows)
    {
        public IReadOnlyList<LatentRow> Rows => rows;

        public long LastUse { get; set; }
    }

    private sealed class Opened(Func<LatentShard> open)
    {
        private readonly Lazy<LatentShard> _file = new(open);

        public LatentShard File => _file.Value;

        public int Users { get; set; }

        public long LastUse { get; set; }
    }
}
