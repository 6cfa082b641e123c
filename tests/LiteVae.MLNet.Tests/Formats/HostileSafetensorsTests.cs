using System.Globalization;
using System.Text;

namespace LiteVae.Tests.Formats;

/// <summary>Headers of tens of megabytes made to cost a reader memory or time.</summary>
public sealed class HostileSafetensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_header_of_tiny_notes_is_refused_at_the_limit()
    {
        var notes = Joined(1_000_000, i => $"\"{i:x}\":\"\"");
        Assert.Contains("lists more than 100000 tensors and notes", Refused($"{{\"__metadata__\":{{{notes}}}}}"), StringComparison.Ordinal);
    }

    [Fact]
    public void Notes_and_tensors_are_counted_together()
    {
        var notes = Joined(50_001, i => $"\"{i}\":\"\"");
        var tensors = Joined(50_000, i => $"\"{i}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}");
        Assert.Contains("lists more than 100000 tensors and notes", Refused($"{{\"__metadata__\":{{{notes}}},{tensors}}}"), StringComparison.Ordinal);
    }

    [Fact]
    public void As_many_notes_as_are_allowed_are_read_within_the_memory_rule()
    {
        // As long as the greatest header lets a hundred thousand be.
        var value = new string('v', 900);
        Assert.Null(Read($"{{\"__metadata__\":{{{Joined(100_000, i => $"\"{i}\":\"{value}\"")}}}}}"));
    }

    [Theory]
    [InlineData("n", 1)]
    [InlineData("\\u006e", 6)]
    public void A_giant_name_is_refused_and_its_beginning_named(string letter, int bytes)
    {
        var name = Repeated(letter, 30_000_000 / bytes);
        var message = Refused($"{{\"{name}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}}}");
        Assert.Contains($"a name takes {30_000_000 / bytes * bytes} bytes; at most 4096 are allowed. It begins with '{Repeated(letter, 32)[..32]}'", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("k", 1)]
    [InlineData("\\u006e", 6)]
    public void A_giant_note_is_refused(string letter, int bytes)
    {
        var value = Repeated(letter, 30_000_000 / bytes);
        Assert.Contains("a value of __metadata__ takes 30000000 bytes; at most 10000000 are allowed", Refused($"{{\"__metadata__\":{{\"a\":\"{value}\"}}}}"), StringComparison.Ordinal);
        Assert.Contains("a key of __metadata__ takes 30000000 bytes; at most 4096 are allowed", Refused($"{{\"__metadata__\":{{\"{value}\":\"a\"}}}}"), StringComparison.Ordinal);
        Assert.Contains("a dtype takes 30000000 bytes", Refused($"{{\"a\":{{\"dtype\":\"{value}\"}}}}"), StringComparison.Ordinal);
        Assert.Contains("a member's name takes 30000000 bytes", Refused($"{{\"a\":{{\"{value}\":1}}}}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v")]
    [InlineData("\\n")]
    public void The_longest_notes_are_read_within_the_memory_rule(string letter)
    {
        var value = Repeated(letter, 10_000_000 / letter.Length);
        Assert.Null(Read($"{{\"__metadata__\":{{{Joined(9, i => $"\"{i}\":\"{value}\"")}}}}}"));
    }

    [Theory]
    [InlineData(64, 0)]
    [InlineData(1, 0)]
    [InlineData(64, 600)]
    [InlineData(1, 900)]
    public void As_many_tensors_as_are_allowed_are_read_within_the_memory_rule(int rank, int nameLength)
    {
        var shape = string.Join(',', Enumerable.Repeat("0", rank));
        var name = new string('n', nameLength);
        Assert.Null(Read($"{{{Joined(100_000, i => $"\"{name}{i}\":{{\"dtype\":\"U8\",\"shape\":[{shape}],\"data_offsets\":[0,0]}}")}}}"));
    }

    [Theory]
    [InlineData("{\"a\":[", "[", "'a' must be an object")]
    [InlineData("{\"a\":{\"shape\":[", "0,", "more than 64 entries")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[", "9", "not valid JSON")]
    [InlineData("{", " ", "not valid JSON")]
    [InlineData("{", "\"\":{},", "must have dtype, shape and two data_offsets")]
    public void A_long_repetition_is_refused(string start, string repeated, string says)
    {
        var message = Refused(start + Repeated(repeated, 20_000_000 / repeated.Length));
        Assert.Contains(says, message, StringComparison.Ordinal);
    }

    private string Refused(string header)
    {
        var refusal = Read(header);
        Assert.NotNull(refusal);
        Assert.InRange(refusal.Length, 1, 2000);
        return refusal;
    }

    private string? Read(string header)
    {
        var path = _folder.At("hostile.safetensors");
        File.WriteAllBytes(path, PlainSafetensors.File(header));
        return HostileFile.Read(path, SafetensorsMutationTests.ReadAll);
    }

    private static string Joined(int count, FormattableItem item)
    {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            text.Append(i == 0 ? "" : ",").Append(item(i).ToString(CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }

    private static string Repeated(string text, int count) => new StringBuilder(text.Length * count).Insert(0, text, count).ToString();

    private delegate FormattableString FormattableItem(int index);
}
