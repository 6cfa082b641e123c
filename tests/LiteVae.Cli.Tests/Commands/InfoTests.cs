using LiteVae.Tests.Shared;

namespace LiteVae.Cli.Tests.Commands;

public sealed class InfoTests
{
    // The paper's published counts, to the unit, and the work stated beside them in millions of multiply-adds (to its two digits).
    [Theory]
    [InlineData("S", 4, 1_035_692, 49_490_179, 5_760)]
    [InlineData("B", 4, 6_750_636, 49_490_179, 37_800)]
    [InlineData("B", 12, 6_755_260, 49_527_043, 37_800)]
    [InlineData("L", 12, 41_431_612, 49_527_043, 233_000)]
    public async Task A_preset_has_the_published_numbers(string preset, int channels, long encoder, long decoder, double millions)
    {
        var json = (await Litevae.Run("info", "--preset", preset, "--latent-channels", $"{channels}", "--json")).Expect(0).Json;
        Assert.Equal(encoder, json.GetProperty("encoder").GetProperty("parameters").GetInt64());
        Assert.Equal(decoder, json.GetProperty("decoder").GetProperty("parameters").GetInt64());
        Assert.Equal(millions * 1e6, json.GetProperty("encoder").GetProperty("multiply_adds").GetDouble(), 0.01 * millions * 1e6);
        Assert.Equal(311e9, json.GetProperty("decoder").GetProperty("multiply_adds").GetDouble(), 1e9);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, json.GetProperty("encoder").GetProperty("receptive_field").ValueKind);
    }

    [Fact]
    public async Task The_default_model_is_described_with_its_config()
    {
        var json = (await Litevae.Run("info", "--json")).Expect(0).Json;
        Assert.Equal("litevae-s-f8c12", json.GetProperty("config").GetProperty("name").GetString());
        Assert.InRange(json.GetProperty("decoder").GetProperty("parameters").GetInt64(), 1_000_000, 6_000_000);
        Assert.True(json.GetProperty("decoder").GetProperty("receptive_field").GetInt32() > 8);

        // counted again in the file of weights
        using var weights = SafetensorsReader.Open(Path.Combine(SharedData.Repository, "models", "litevae-s-f8c12", "model.safetensors"));
        foreach (var half in new[] { "encoder", "decoder" })
        {
            var stored = weights.Entries.Where(e => e.Name.StartsWith(half + ".", StringComparison.Ordinal)).Sum(e => e.Shape.Aggregate(1L, (n, d) => n * d));
            Assert.Equal(stored, json.GetProperty(half).GetProperty("parameters").GetInt64());
        }
    }

    [Fact]
    public async Task The_table_holds_every_preset_beside_the_papers_count()
    {
        var text = (await Litevae.Run("info", "--table")).Expect(0).Out;
        foreach (var (count, paper) in new[] { ("1,035,692", "1.03 M"), ("6,755,260", "6.75 M"), ("32,750,124", "32.75 M"), ("41,431,612", "41.42 M") })
        {
            Assert.Contains(text.Split('\n'), line => line.Contains(count, StringComparison.Ordinal) && line.Contains(paper, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("--latent-channels", "4")]
    [InlineData("--preset", "X")]
    [InlineData("--preset", "S", "--model", "m")]
    [InlineData("--model", "no-such-model")]
    public async Task Wrong_usage_ends_with_2(params string[] arguments) => (await Litevae.Run(["info", .. arguments])).Expect(2);
}
