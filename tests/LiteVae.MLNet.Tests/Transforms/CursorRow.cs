using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae.Tests.Transforms;

/// <summary>Reads the columns of the row that a cursor is on, by name.</summary>
internal sealed class CursorRow(DataViewRow row)
{
    private readonly Dictionary<string, Delegate> _getters = [];

    public DataViewRowId Id
    {
        get
        {
            DataViewRowId id = default;
            row.GetIdGetter()(ref id);
            return id;
        }
    }

    public T Get<T>(string name)
    {
        if (!_getters.TryGetValue(name, out var getter))
        {
            _getters[name] = getter = row.GetGetter<T>(row.Schema[name]);
        }

        T value = default!;
        ((ValueGetter<T>)getter)(ref value);
        return value;
    }
}

