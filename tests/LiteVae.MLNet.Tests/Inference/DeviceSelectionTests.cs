namespace LiteVae.Tests.Inference;

public sealed class DeviceSelectionTests
{
    [Theory]
    [InlineData("cpu", null, "cpu")]
    [InlineData("cuda", 0, "cuda:0")]
    [InlineData("cuda:3", 3, "cuda:3")]
    public void Devices_are_spelled_cpu_and_cuda_with_an_index(string text, int? index, string canonical)
    {
        var device = DeviceSelection.Parse(text);
        Assert.Equal(index, device.CudaIndex);
        Assert.Equal(canonical, device.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:0x1")]
    [InlineData("CPU")]
    public void Anything_else_is_refused_by_name(string text)
    {
        var error = Assert.Throws<ArgumentException>(() => DeviceSelection.Parse(text));
        Assert.Contains($"'{text}'", error.Message);
    }

    [Fact]
    public void A_gpu_that_is_not_there_is_an_error_and_not_a_run_on_the_cpu()
    {
        using var folder = new TemporaryFolder();
        using var model = LiteVaeModel.Load(TinyModels.Write(folder.Root), new LiteVaeModelOptions { Device = "cuda:97" });
        var error = Assert.Throws<InvalidOperationException>(() => model.Encode(new PixelTensor(1, 8, 8)));
        Assert.Contains("cuda:97", error.Message);
    }

    [Fact]
    public void All_wrong_options_are_reported_at_once()
    {
        var error = Assert.Throws<ArgumentException>(() => LiteVaeModel.Load(null, new LiteVaeModelOptions { Device = "tpu", Threads = 0 }));
        Assert.Contains("tpu", error.Message);
        Assert.Contains("Threads is 0", error.Message);
    }
}
