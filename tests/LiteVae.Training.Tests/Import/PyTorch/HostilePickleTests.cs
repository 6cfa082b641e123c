using System.Text;
using LiteVae.Tests;
using static LiteVae.Training.Tests.Import.PyTorch.PlainPickle;

namespace LiteVae.Training.Tests.Import.PyTorch;

/// <summary>Pickles that would do harm in Python, or that a careless reader would choke on, each in one way.</summary>
public sealed class HostilePickleTests : IDisposable
{
    private const string NotExecuted = "Nothing of it was executed.";

    private static readonly byte[] Lookup = Global("torch._utils", "_rebuild_tensor_v2");
    private static readonly byte[] Hooks = Call(Global("collections", "OrderedDict"));
    private static readonly byte[] No = Op("\u0089");

    private static readonly Dictionary<string, (Func<byte[]> Pickle, string Says)> Kinds = new()
    {
        // What runs code in Python.
        ["os.system"] = (() => Whole(Call(Global("os", "system"), Text("id"))), $"byte 2 of data.pkl names the global 'os.system', which is not one of those that tensors need. {NotExecuted}"),
        ["posix.system"] = (() => Whole(Call(Global("posix", "system"), Text("id"))), "names the global 'posix.system'"),
        ["builtins.eval"] = (() => Whole(Call(Global("builtins", "eval"), Text("1"))), "names the global 'builtins.eval'"),
        ["__builtin__.getattr"] = (() => Whole(Call(Global("__builtin__", "getattr"), Text("1"))), "names the global '__builtin__.getattr'"),
        ["subprocess.Popen"] = (() => Whole(Call(Global("subprocess", "Popen"), Text("id"))), "names the global 'subprocess.Popen'"),
        ["torch.load"] = (() => Whole(Call(Global("torch", "load"), Text("x"))), "names the global 'torch.load'"),
        ["torch.hub.load"] = (() => Whole(Global("torch.hub", "load")), "names the global 'torch.hub.load'"),
        ["a name with dots, torch's os"] = (() => Whole(Global("torch", "serialization.os.system")), "names the global 'torch.serialization.os.system'"),
        ["an allowed name of another module"] = (() => Whole(Global("evil", "OrderedDict")), "names the global 'evil.OrderedDict'"),
        ["an allowed name in another case"] = (() => Whole(Global("torch", "size")), "names the global 'torch.size'"),
        ["_rebuild_tensor"] = (() => Whole(Global("torch._utils", "_rebuild_tensor")), "names the global 'torch._utils._rebuild_tensor'"),
        ["a storage of complex numbers"] = (() => Whole(Global("torch", "ComplexFloatStorage")), "names 'torch.ComplexFloatStorage', a storage of elements that are not read"),
        ["a storage without a type"] = (() => Whole(Global("torch", "UntypedStorage")), "names 'torch.UntypedStorage', a storage of elements that are not read"),
        ["a name of control characters"] = (() => Whole(Global("\u001b[2J", "x\r")), "names the global '?[2J.x?'"),
        ["a name of a megabyte"] = (() => Whole(Global(new string('m', 1 << 20), "x")), "names the global 'mmmm"),
        ["INST"] = (() => Whole(Op("(ios\nsystem\n")), $"the opcode '0x69' at byte 3 of data.pkl, INST, is not one of those that tensors need. {NotExecuted}"),
        ["OBJ"] = (() => Whole(Op("("), Hooks, Op("o")), "OBJ, is not one of those"),
        ["NEWOBJ"] = (() => Whole(Global("torch", "Size"), Op(")\u0081")), "NEWOBJ, is not one of those"),
        ["NEWOBJ_EX"] = (() => Whole(Op("\u0092")), "NEWOBJEX, is not one of those"),
        ["EXT1"] = (() => Whole(Op("\u0082\u0001")), "EXT1, is not one of those"),
        ["EXT2"] = (() => Whole(Op("\u0083\u0001\0")), "EXT2, is not one of those"),
        ["EXT4"] = (() => Whole(Op("\u0084\u0001\0\0\0")), "EXT4, is not one of those"),
        ["STACK_GLOBAL"] = (() => Whole(Text("os"), Text("system"), Op("\u0093")), "STACKGLOBAL, is not one of those"),
        ["PERSID, in letters"] = (() => Whole(Op("Pstorage\n")), "PERSID, is not one of those"),
        ["BUILD of a tensor"] = (() => Whole(Tensor(), Dictionary(), Op("b")), "the opcode BUILD at byte"),
        ["BUILD of a class"] = (() => Whole(Global("torch", "Size"), Dictionary(), Op("b")), "sets the state of 'torch.Size' to a dictionary of 0"),
        ["BUILD of a dictionary with a tuple"] = (() => Whole(Dictionary(), Tuple(), Op("b")), "sets the state of a dictionary of 0 to a tuple of 0"),
        ["REDUCE of a text"] = (() => Whole(Call(Text("os.system"), Text("id"))), "calls the text 'os.system' with a tuple of 1, which is not allowed"),
        ["REDUCE of a class of storages"] = (() => Whole(Call(Global("torch", "FloatStorage"), Number(9))), "calls 'torch.FloatStorage' with a tuple of 1, which is not allowed"),
        ["REDUCE of a tensor"] = (() => Whole(Call(Tensor())), "calls a tensor with a tuple of 0, which is not allowed"),
        ["REDUCE with no tuple"] = (() => Whole(Global("torch", "Size"), Text("x"), Op("R")), "calls 'torch.Size' with the text 'x', which is not allowed"),
        ["REDUCE with other arguments"] = (() => Whole(Call(Global("collections", "OrderedDict"), Text("x"))), "calls 'collections.OrderedDict' with (the text 'x'), which are not its arguments"),
        ["REDUCE with too few arguments"] = (() => Whole(Call(Lookup, Storage())), "calls 'torch._utils._rebuild_tensor_v2' with (a storage), which are not its arguments"),
        ["a parameter of no tensor"] = (() => Whole(Call(Global("torch._utils", "_rebuild_parameter"), Text("x"), No, Hooks)), "which are not its arguments"),

        // Other protocols.
        ["protocol 3"] = (() => [0x80, 3, .. Op("}.")], "data.pkl is a pickle of protocol 3; only protocol 2"),
        ["protocol 5 with buffers out of band"] = (() => [0x80, 5, 0x97, (byte)'.'], "data.pkl is a pickle of protocol 5; only protocol 2"),
        ["protocol 255"] = (() => [0x80, 255, (byte)'.'], "data.pkl is a pickle of protocol 255"),
        ["protocol 0"] = (() => Op("(dp0\n."), "data.pkl does not begin as a pickle of protocol 2"),
        ["a second protocol within"] = (() => Whole(Op("\u0080\u0005")), "PROTO, is not one of those"),
        ["NEXT_BUFFER"] = (() => Whole(Op("\u0097")), "NEXTBUFFER, is not one of those"),
        ["BYTEARRAY8 of 2^63 bytes"] = (() => Whole(Op("\u0096\0\0\0\0\0\0\0\u0080")), "BYTEARRAY8, is not one of those"),
        ["FRAME of 2^63 bytes"] = (() => Whole(Op("\u0095\0\0\0\0\0\0\0\u0080")), "FRAME, is not one of those"),
        ["BINUNICODE8 of 2^63 bytes"] = (() => Whole(Op("\u008d\0\0\0\0\0\0\0\u0080")), "BINUNICODE8, is not one of those"),
        ["an opcode that there is not"] = (() => Whole(Op("\u00ff")), "the opcode '0xff' at byte 2 of data.pkl, of an unknown kind, is not one of those"),

        // Broken off, or out of step.
        ["nothing at all"] = (() => [], "data.pkl does not begin as a pickle"),
        ["no end"] = (() => Whole(Dictionary())[..^1], "the pickle breaks off: at byte"),
        ["something after its end"] = (() => [.. Whole(Dictionary()), (byte)'.'], "but 1 bytes follow"),
        ["an empty stack at its end"] = (() => Whole(), "with 0 values and 0 open marks"),
        ["two values at its end"] = (() => Whole(Op("NN")), "with 2 values and 0 open marks"),
        ["an open mark at its end"] = (() => Whole(Op("}(")), "with 1 values and 1 open marks"),
        ["a text longer than the file"] = (() => Whole(Op("X"), Int32(1_000_000)), "1000000 bytes are needed but only 1 follow"),
        ["a text of 2^32 - 1 bytes"] = (() => Whole(Op("X"), Int32(-1)), "4294967295 bytes are needed but only 1 follow"),
        ["a text that is no UTF-8"] = (() => Whole(Op("X"), Int32(2), Op("\u00c0\u00af")), "the text at byte 3 of data.pkl is not valid UTF-8"),
        ["an integer longer than the file"] = (() => Whole(Op("\u008a\u00ff")), "255 bytes are needed but only 1 follow"),
        ["a global without end"] = (() => Whole(Op("cos")), "the line at byte 3 of data.pkl has no end"),
        ["values of an empty stack"] = (() => Whole(Op("R")), "needs 1 values on the stack, more than there are"),
        ["values from below a mark"] = (() => Whole(Op("NN(\u0086")), "needs 2 values on the stack, more than there are"),
        ["a mark that is not there"] = (() => Whole(Op("Nt")), "needs a mark, but none is open"),
        ["an odd number of items"] = (() => Whole(Op("}(Nu")), "puts 1 values into a dictionary; keys and values should come in pairs"),
        ["items into no dictionary"] = (() => Whole(Op("N(NNu")), "puts items into None, which is no dictionary"),
        ["items into nothing"] = (() => Whole(Op("(NNu")), "needs 3 values on the stack"),
        ["items appended to no list"] = (() => Whole(Op("}Na")), "appends to a dictionary of 0, which is no list"),
        ["a value that was never remembered"] = (() => Whole(Op("h\u0005")), "recalls value number 5, but only 0 are remembered"),
        ["a value remembered as number 2^32 - 1"] = (() => Whole(Op("Nr\u00ff\u00ff\u00ff\u00ff")), "remembers a value as number 4294967295, though only 0 are remembered"),
        ["nothing remembered"] = (() => Whole(Op("q\0")), "needs 1 values on the stack"),

        // Too much of something.
        ["marks, a thousand deep"] = (() => Whole(Op(new string('(', 1_000_000))), "values nest more than 1000 deep"),
        ["tuples, a million deep"] = (() => Whole(Op(")" + new string('\u0085', 1_400_000))), "take more than 41943040 bytes of memory"),
        ["lists in lists, without end"] = (() => Whole(Op(new string(']', 10_000_000))), "more than 100000 values wait"),
        ["dictionaries, a million"] = (() => Whole(Op("]" + Repeated("}a", 1_000_000))), "take more than 41943040 bytes of memory"),
        ["items, a million"] = (() => Whole(Op("}" + Repeated("NNs", 1_000_000))), "take more than 41943040 bytes of memory"),
        ["texts, thirty megabytes"] = (() => Whole(Op("]"), Text(new string('x', 30_000_000)), Op("a")), "take more than 41943040 bytes of memory"),
        ["texts, a million"] = (() => Whole(Op("]" + Repeated("X\u0001\0\0\0xa", 2_000_000))), "take more than 41943040 bytes of memory"),
        ["integers, two million"] = (() => Whole(Op("]" + Repeated("K\0a", 2_000_000))), "take more than 41943040 bytes of memory"),
        ["tensors of 64 dimensions, a million"] = (() => Whole(Rebuilt(1_000_000)), "take more than 41943040 bytes of memory"),
        ["storages asked for, a million times"] = (() => Whole(Tuple(Text("storage"), Global("torch", "FloatStorage"), Text("0"), Text("cpu"), Number(6)), Op("q\0" + Repeated("Qh\0", 1_000_000))), "more than 100000 values wait"),
        ["values remembered, two million"] = (() => Whole(Op("N"), Join([.. Enumerable.Range(0, 2_000_000).Select(i => Join(Op("r"), Int32(i)))])), "at most 1000000 may be"),
        ["names of one tensor, two hundred thousand"] = (() => Whole(Named(200_000)), "it has 200000 tensors; at most 100000 are allowed"),
        ["a key of a storage that is a thousand long"] = (() => Whole(Storage(key: new string('k', 1000))), "has a key of 1000 characters; at most 256 are allowed"),
        ["a name of a tensor over the limit"] = (() => Whole(Dictionary((new string('n', 4097), Tensor()))), "a tensor's name takes 4097 bytes; at most 4096 are allowed"),

        // Tensors that lie.
        ["more elements than the storage"] = (() => One(Tensor(shape: [7], stride: [1])), "of shape [7], stride [1] and offset 0 in the 6 elements of 'archive/data/0', has more elements than the storage"),
        ["an expanded view"] = (() => One(Tensor(shape: [1_000_000, 6], stride: [0, 1])), "it repeats them (an expanded view); call contiguous() or clone()"),
        ["a window that overlaps itself"] = (() => One(Tensor(shape: [3, 3], stride: [1, 1])), "has more elements than the storage"),
        ["an offset beyond the storage"] = (() => One(Tensor(offset: 7, shape: [0], stride: [1])), "reaches beyond the storage"),
        ["an offset too large by one"] = (() => One(Tensor(offset: 1)), "reaches beyond the storage"),
        ["an offset of 2^63 - 1"] = (() => One(Tensor(offset: long.MaxValue)), "reaches beyond the storage"),
        ["a negative offset"] = (() => One(Tensor(offset: -1)), "has a negative number"),
        ["a negative dimension"] = (() => One(Tensor(shape: [-2, -3])), "has a negative number"),
        ["a negative stride"] = (() => One(Tensor(offset: 5, stride: [-3, -1])), "has a negative number"),
        ["dimensions whose product overflows"] = (() => One(Tensor(shape: [1L << 32, 1L << 32])), "has more than 2^63 elements"),
        ["dimensions whose product overflows to a few"] = (() => One(Tensor(shape: [1L << 62, 4], stride: [0, 1])), "has more than 2^63 elements"),
        ["a stride too large by one"] = (() => One(Tensor(stride: [4, 1])), "reaches beyond the storage"),
        ["a stride whose product overflows"] = (() => One(Tensor(stride: [long.MaxValue, long.MaxValue])), "reaches beyond the storage"),
        ["a stride whose product overflows to a little"] = (() => One(Tensor(shape: [3, 1], stride: [long.MaxValue, 1])), "reaches beyond the storage"),
        ["fewer strides than dimensions"] = (() => One(Tensor(stride: [1])), "should have as many strides as dimensions"),
        ["a shape of 65 dimensions"] = (() => One(Tensor(shape: [.. Enumerable.Repeat(1L, 65)], stride: [.. Enumerable.Repeat(1L, 65)])), "has 65 numbers; at most 64 are allowed"),
        ["a shape of texts"] = (() => One(Call(Lookup, Storage(), Number(0), Tuple(Text("2")), Numbers(1), No, Hooks)), "is not of numbers only"),
        ["a storage that is a text"] = (() => One(Tensor(Text("0"))), "which are not its arguments"),
        ["a storage of two types"] = (() => One(Tensor(), Tensor(Storage("IntStorage"))), "'archive/data/0' is said to be of type I32 and of type F32"),
        ["a storage of two lengths"] = (() => One(Tensor(), Tensor(Storage(elements: 5))), "is said to have 5 elements of type F32, but its entry holds 6"),
        ["a storage of negative length"] = (() => One(Tensor(Storage(elements: -1))), "is said to have -1 elements"),
        ["a storage of 2^62 elements, whose bytes overflow"] = (() => One(Tensor(Storage(elements: (1L << 62) + 6))), "is said to have 4611686018427387910 elements"),
        ["a storage by a way up"] = (() => One(Tensor(Storage(key: "../data/0"))), "the storage '../data/0' is missing"),
        ["a storage that is data.pkl"] = (() => One(Tensor(Storage(key: "../data.pkl"))), "the storage '../data.pkl' is missing"),
        ["a persistent id of something else"] = (() => Whole(Tuple(Text("module"), Text("x")), Op("Q")), "asks for (the text 'module', the text 'x'), which is no storage"),
        ["a persistent id that is a number"] = (() => Whole(Op("K\u0001Q")), "asks for the number 1, which is no storage"),

        // Not a dictionary of tensors.
        ["a tensor alone"] = (() => Whole(Tensor()), "it holds a tensor; a dictionary of tensors by their names is needed"),
        ["a text among tensors"] = (() => Whole(Dictionary(("a", Tensor()), ("b", Text("x")))), "'b' is the text 'x', not a tensor"),
        ["a number for a name"] = (() => Whole(Op("}K\u0001"), Tensor(), Op("s")), "among the names of its tensors is the number 1, which is no text"),
        ["two tensors of one name"] = (() => Whole(Dictionary(("a", Tensor()), ("a", Tensor()))), "there are two tensors called 'a'"),
        ["a state_dict that is none"] = (() => Whole(Dictionary(("state_dict", Op("]")))), "its 'state_dict' is a list; a dictionary of tensors by their names is needed"),
        ["two state_dicts"] = (() => Whole(Dictionary(("state_dict", Dictionary()), ("state_dict", Dictionary()))), "it has the key 'state_dict' 2 times"),
        ["a dictionary that contains itself"] = (() => Whole(Op("}q\0"), Text("a"), Op("h\0s")), "'a' is a dictionary of 1, not a tensor"),
        ["a state_dict that contains itself"] = (() => Whole(Op("}q\0"), Text("state_dict"), Op("h\0s")), "'state_dict' is a dictionary of 1, not a tensor"),
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. Kinds.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_kind_is_refused_with_its_own_message(string kind)
    {
        var (pickle, says) = Kinds[kind];
        PlainPyTorch.AssertRefused(kind, Read(pickle()), says, _folder.At("hostile.pth"));
    }

    [Fact]
    public void A_billion_laughs_cost_what_was_written_and_not_what_they_mean()
    {
        // Each tuple holds the one before it ten times: ten to the thirtieth texts.
        var laughs = Enumerable.Range(0, 30).Select(i => Op($"({Repeated($"h{(char)i}", 10)}tq{(char)(i + 1)}"));
        var pickle = Whole(Dictionary(("laughs", Tuple(Text("ha"), Op("q\0"), Join([.. laughs]))), ("state_dict", Dictionary(("a", Tensor())))));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(Read(pickle));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void As_many_tensors_as_are_allowed_are_read_within_the_memory_rule() => Assert.Null(Read(Whole(Named(100_000))));

    [Fact]
    public void Views_that_share_a_storage_and_strides_that_do_not_fill_it_are_read()
    {
        var path = Write(Whole(Dictionary(("row", Tensor(offset: 3, shape: [3], stride: [1])), ("column", Tensor(offset: 1, shape: [2], stride: [3])), ("turned", Tensor(shape: [3, 2], stride: [1, 3])))));
        using var file = WeightFile.Open(path);
        Assert.Equal([3, 4, 5], file.ReadFloats("row"));
        Assert.Equal([1.5f, 4], file.ReadFloats("column"));
        Assert.Equal([0, 3, 1.5f, 4, -2, 5], file.ReadFloats("turned"));
    }

    private string Write(byte[] pickle)
    {
        var path = _folder.At("hostile.pth");
        File.WriteAllBytes(path, PlainPyTorch.Around(pickle));
        return path;
    }

    private string? Read(byte[] pickle)
    {
        var path = Write(pickle);
        var refusal = HostileFile.Read(path, PlainPyTorch.ReadAll);
        File.Delete(path); // and so no handle or map of it is left open
        return refusal;
    }

    private static byte[] One(params byte[][] tensors) => Whole(Dictionary([.. tensors.Select((tensor, i) => ($"t{i}", tensor))]));

    /// <summary>One tensor under many names.</summary>
    private static byte[] Named(int times) =>
        Join(Op("}"), Text("first"), Tensor(), Op("q\0s"), Join([.. Enumerable.Range(1, times - 1).Select(i => Join(Text($"{i:x}"), Op("h\0s")))]));

    /// <summary>A tensor's arguments written once, and the call of it many times.</summary>
    private static byte[] Rebuilt(int times)
    {
        var arguments = Tuple(Storage(), Number(0), Numbers([.. Enumerable.Repeat(1L, 64)]), Numbers([.. Enumerable.Repeat(1L, 64)]), No, Hooks);
        return Join(Op("]"), Lookup, Op("q\0"), arguments, Op("q\u0001R" + "a" + Repeated("h\0h\u0001Ra", times)));
    }

    private static string Repeated(string text, int count) => new StringBuilder(text.Length * count).Insert(0, text, count).ToString();
}
