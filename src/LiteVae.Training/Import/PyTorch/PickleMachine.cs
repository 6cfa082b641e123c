using System.Text;

namespace LiteVae.Training;

/// <summary>Obeys the opcodes of a pickle that tensors need, and no other; it makes values of a few kinds and calls nothing but <see cref="TorchObjects"/>.</summary>
/// <remarks>
/// Python's <c>pickletools</c> defines the opcodes. Each is obeyed in a time and a memory that its own bytes bound, so a pickle ends; what it makes is
/// counted, so it stays small. Values are shared, never copied, and nothing here descends into them: they may nest or contain themselves as they like.
/// </remarks>
internal sealed class PickleMachine
{
    /// <summary>The protocol that torch.save writes.</summary>
    public const int Protocol = 2;

    /// <summary>Most bytes of values that a pickle may make; a tensor takes about 1,700, so that these are some 24,000.</summary>
    public const int MaxMade = 40 << 20;

    /// <summary>Most values that may wait on the stack.</summary>
    public const int MaxStack = 100_000;

    /// <summary>Most marks that may be open: how deep values nest.</summary>
    public const int MaxMarks = 1000;

    /// <summary>Most values that may be remembered.</summary>
    public const int MaxMemo = 1_000_000;

    private const int ObjectBytes = 24; // header, method table, one field
    private const int ReferenceBytes = 8;
    private const int DictionaryBytes = 64;
    private const int TensorBytes = 256; // without its shape and stride
    private const int ItemBytes = 64; // a pair, four times: a list that doubles leaves its smaller selves behind

    private readonly TorchObjects _torch;
    private readonly Refusals _refusals;
    private readonly List<object?> _stack;
    private readonly List<object?> _memo;
    private readonly List<int> _marks = [];
    private long _made;
    private int _at;

    private PickleMachine(int length, TorchObjects torch, Refusals refusals)
    {
        // Made as large as they can get, they do not grow: putting takes two bytes, and five from the 257th on.
        _stack = new(Math.Min(length, MaxStack));
        _memo = new(Math.Min(256 + (length / 5), MaxMemo));
        (_torch, _refusals) = (torch, refusals);
    }

    /// <summary>Runs a pickle to its end.</summary>
    /// <param name="pickle">All its bytes.</param>
    /// <param name="torch">What it may name and call.</param>
    /// <param name="refusals">Refuses.</param>
    /// <returns>The value it describes; see <see cref="PickleValue"/>.</returns>
    /// <exception cref="InvalidDataException">It asks for anything that is not allowed, or breaks the rules of pickles.</exception>
    public static object? Run(ReadOnlySpan<byte> pickle, TorchObjects torch, Refusals refusals) =>
        new PickleMachine(pickle.Length, torch, refusals).Run(new PickleReader(pickle, refusals));

    private object? Run(PickleReader reader)
    {
        _refusals.Require(reader.Left >= 2 && reader.Byte() == (byte)PickleOpcode.Proto, $"data.pkl does not begin as a pickle of protocol {Protocol}", Refusals.SaveAgain);
        var protocol = reader.Byte();
        _refusals.Require(protocol == Protocol, $"data.pkl is a pickle of protocol {protocol}; only protocol {Protocol}, which torch.save writes by default, is read", Refusals.SaveAgain);
        while (true)
        {
            _at = reader.Position;
            var opcode = (PickleOpcode)reader.Byte();
            if (opcode == PickleOpcode.Stop)
            {
                break;
            }

            Obey(opcode, ref reader);
        }

        _refusals.Require(_stack.Count == 1 && _marks.Count == 0, $"the pickle ends at byte {_at} of data.pkl with {_stack.Count} values and {_marks.Count} open marks; it should leave one value");
        _refusals.Require(reader.Left == 0, $"the pickle ends at byte {_at} of data.pkl, but {reader.Left} bytes follow");
        return _stack[0];
    }

    private void Obey(PickleOpcode opcode, ref PickleReader reader)
    {
        switch (opcode)
        {
            case PickleOpcode.None:
                Push(null);
                break;
            case PickleOpcode.NewTrue:
                Push(true, ObjectBytes);
                break;
            case PickleOpcode.NewFalse:
                Push(false, ObjectBytes);
                break;
            case PickleOpcode.BinInt:
                Push((long)reader.Int32(), ObjectBytes);
                break;
            case PickleOpcode.BinInt1:
                Push((long)reader.Byte(), ObjectBytes);
                break;
            case PickleOpcode.BinInt2:
                Push((long)reader.UInt16(), ObjectBytes);
                break;
            case PickleOpcode.Long1:
                Push(reader.Long1() is { } number ? number : PickleOpaque.LargeInteger, ObjectBytes);
                break;
            case PickleOpcode.BinFloat:
                reader.Take(sizeof(double));
                Push(PickleOpaque.Float);
                break;
            case PickleOpcode.BinUnicode:
                var text = reader.Text();
                Make(ObjectBytes + ((long)sizeof(char) * text.Length));
                Push(Encoding.UTF8.GetString(text));
                break;

            case PickleOpcode.Mark:
                _refusals.Require(_marks.Count < MaxMarks, $"values nest more than {MaxMarks} deep at byte {_at} of data.pkl");
                _marks.Add(_stack.Count);
                break;
            case PickleOpcode.EmptyTuple:
                Push(Array.Empty<object?>());
                break;
            case PickleOpcode.Tuple:
                PushTuple(CloseMark());
                break;
            case PickleOpcode.Tuple1 or PickleOpcode.Tuple2 or PickleOpcode.Tuple3:
                PushTuple(opcode - PickleOpcode.Tuple1 + 1);
                break;
            case PickleOpcode.EmptyList:
                Push(PickleOpaque.List);
                break;
            case PickleOpcode.Append:
                Pop();
                RequireList();
                break;
            case PickleOpcode.Appends:
                Drop(CloseMark());
                RequireList();
                break;
            case PickleOpcode.EmptyDict:
                Push(new PickleDictionary(), DictionaryBytes);
                break;
            case PickleOpcode.SetItem:
                SetItems(2);
                break;
            case PickleOpcode.SetItems:
                SetItems(CloseMark());
                break;

            case PickleOpcode.BinPut:
                Put(reader.Byte());
                break;
            case PickleOpcode.LongBinPut:
                Put(reader.UInt32());
                break;
            case PickleOpcode.BinGet:
                Get(reader.Byte());
                break;
            case PickleOpcode.LongBinGet:
                Get(reader.UInt32());
                break;

            case PickleOpcode.Global:
                Push(TorchGlobal.Find(reader.Line(), reader.Line(), _at, _refusals));
                break;
            case PickleOpcode.Reduce:
                Reduce();
                break;
            case PickleOpcode.Build:
                // Python sets an object's attributes; a state_dict carries '_metadata', the versions of its modules, which no tensor needs.
                var state = Pop();
                _refusals.Require(
                    state is PickleDictionary && Peek() is PickleDictionary,
                    $"the opcode BUILD at byte {_at} of data.pkl sets the state of {PickleValue.Describe(Peek())} to {PickleValue.Describe(state)}; only dictionaries may have one",
                    Refusals.SaveTensorsAlone);
                break;
            case PickleOpcode.BinPersId:
                Push(_torch.Load(Pop(), _at), TensorBytes);
                break;

            default:
                var name = Enum.IsDefined(opcode) ? opcode.ToString().ToUpperInvariant() : "of an unknown kind";
                throw _refusals.Because($"the opcode '0x{(byte)opcode:x2}' at byte {_at} of data.pkl, {name}, is not one of those that tensors need", Refusals.SaveTensorsAlone);
        }
    }

    private void Push(object? value, int bytes = 0)
    {
        Make(bytes);
        _refusals.Require(_stack.Count < MaxStack, $"more than {MaxStack} values wait at byte {_at} of data.pkl");
        _stack.Add(value);
    }

    private object? Pop()
    {
        var value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object? Peek()
    {
        Need(1);
        return _stack[^1];
    }

    private void Drop(int count)
    {
        Need(count);
        _stack.RemoveRange(_stack.Count - count, count);
    }

    /// <summary>Refuses to reach below the last open mark, as Python does.</summary>
    private void Need(int count) => _refusals.Require(
        count <= _stack.Count - (_marks.Count > 0 ? _marks[^1] : 0),
        $"the opcode at byte {_at} of data.pkl needs {count} values on the stack, more than there are");

    /// <summary>Takes the last mark away and returns how many values stand above it.</summary>
    private int CloseMark()
    {
        _refusals.Require(_marks.Count > 0, $"the opcode at byte {_at} of data.pkl needs a mark, but none is open");
        var count = _stack.Count - _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        return count;
    }

    private void PushTuple(int count)
    {
        Need(count);
        Make(ObjectBytes + ((long)ReferenceBytes * count));
        var items = new object?[count];
        _stack.CopyTo(_stack.Count - count, items, 0, count);
        Drop(count);
        Push(items);
    }

    private void Reduce()
    {
        var arguments = Pop();
        foreach (var argument in arguments as object?[] ?? [])
        {
            // shape and stride are copied
            Make(argument is object?[] numbers ? ObjectBytes + ((long)ReferenceBytes * numbers.Length) : 0);
        }

        Push(_torch.Call(Pop(), arguments, _at), TensorBytes);
    }

    private void SetItems(int count)
    {
        Need(count + 1);
        var start = _stack.Count - count;
        _refusals.Require(count % 2 == 0, $"the opcode at byte {_at} of data.pkl puts {count} values into a dictionary; keys and values should come in pairs");
        Make((long)ItemBytes * (count / 2));
        var target = _stack[start - 1] as PickleDictionary;
        _refusals.Require(target is not null, $"the opcode at byte {_at} of data.pkl puts items into {PickleValue.Describe(_stack[start - 1])}, which is no dictionary");
        for (var i = start; i < _stack.Count; i += 2)
        {
            target.Items.Add(new(_stack[i], _stack[i + 1]));
        }

        Drop(count);
    }

    private void RequireList() =>
        _refusals.Require(ReferenceEquals(Peek(), PickleOpaque.List), $"the opcode at byte {_at} of data.pkl appends to {PickleValue.Describe(Peek())}, which is no list");

    private void Put(uint index)
    {
        _refusals.Require(index <= _memo.Count && index < MaxMemo, $"the opcode at byte {_at} of data.pkl remembers a value as number {index}, though only {_memo.Count} are remembered; at most {MaxMemo} may be");
        if (index == _memo.Count)
        {
            _memo.Add(Peek());
        }
        else
        {
            _memo[(int)index] = Peek();
        }
    }

    private void Get(uint index)
    {
        _refusals.Require(index < _memo.Count, $"the opcode at byte {_at} of data.pkl recalls value number {index}, but only {_memo.Count} are remembered");
        Push(_memo[(int)index]);
    }

    private void Make(long bytes)
    {
        _made += bytes;
        _refusals.Require(_made <= MaxMade, $"the values up to byte {_at} of data.pkl take more than {MaxMade} bytes of memory: these are not a model's tensors");
    }
}
