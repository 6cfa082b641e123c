namespace LiteVae.Cli.Tests.Commands;

public sealed class DoctorTests
{
    [Fact]
    public async Task Everything_fits_where_these_tests_run()
    {
        var json = (await Litevae.Run("doctor", "--json")).Expect(0).Json;
        Assert.True(json.GetProperty("ok").GetBoolean());
        var details = json.GetProperty("checks").EnumerateArray().ToDictionary(check => check.GetProperty("name").GetString()!, check => check.GetProperty("detail").GetString()!);
        Assert.Contains("the loss falls", details["training step on cpu"], StringComparison.Ordinal);
        Assert.Contains("CPUExecutionProvider", details["ONNX Runtime"], StringComparison.Ordinal);
        Assert.Contains("litevae-s-f8c12", details["default model"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_libtorch_that_is_not_there_is_told_with_what_to_do()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere TorchSharp's own loading is left alone");
        var result = (await Litevae.Run(["doctor"], new() { ["LITEVAE_LIBTORCH"] = "/nonexistent" })).Expect(1);
        Assert.Contains("FAIL libtorch: LITEVAE_LIBTORCH is '/nonexistent'", result.Out, StringComparison.Ordinal);
        Assert.Contains("ok   default model", result.Out, StringComparison.Ordinal);
    }
}
