using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;

namespace LiteVae.Training;

/// <summary>Runs a network and its exported files on the same inputs and measures the difference.</summary>
internal static class ParityCheck
{
    /// <summary>Largest allowed difference on outputs of unit scale: some ten times what two fp32 summation orders differ by.</summary>
    public const double Tolerance = 1e-4;

    private static readonly int[] Batches = [1, 3];

    // Square, wide and tall; none of them the size a model is usually trained at, so that a size baked into the graph shows. In latents, over which
    // attention grows with the fourth power of the side: in pixels, a model that shrinks little would compare gigabytes of attention.
    private static readonly (int Height, int Width)[] Latents = [(8, 8), (12, 20), (32, 24)];

    // A model that shrinks more gets fewer latents: these images are large enough.
    private const int LargestPatch = 8;

    /// <summary>How many comparisons there are: the rows of a report.</summary>
    public static int Comparisons => 2 * Latents.Length * Batches.Length;

    /// <summary>Compares both parts at three sizes and two batches.</summary>
    /// <param name="network">The network, on the CPU.</param>
    /// <param name="encoder">The encoder's ONNX file.</param>
    /// <param name="decoder">The decoder's ONNX file.</param>
    /// <param name="progress">Told (comparisons done, of how many), or null.</param>
    /// <param name="cancellation">Stops between two comparisons.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ParityReport Run(
        AutoencoderNetwork network, byte[] encoder, byte[] decoder, Action<int, int>? progress = null, CancellationToken cancellation = default)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };

        // The two runtimes take turns here: threads of the one that spin while they wait would take the cores from the other.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        using var encoderSession = new InferenceSession(encoder, options);
        using var decoderSession = new InferenceSession(decoder, options);
        var random = new Random(20240522);
        var factor = network.Architecture.DownsamplingFactor;
        var channels = network.Architecture.LatentChannels;
        var rows = new List<ParityRow>();
        foreach (var (height, width) in Latents.Select(size => (Pixels(size.Height), Pixels(size.Width))))
        {
            foreach (var batch in Batches)
            {
                var pixels = Values(3 * batch * height * width, () => (random.NextSingle() * 2) - 1);
                Add(Compare("encoder", [batch, 3, height, width], pixels, encoderSession, network.Encode, factor: 1));

                var latent = Values(channels * batch * (height / factor) * (width / factor), () => Normal(random));
                Add(Compare("decoder", [batch, channels, height / factor, width / factor], latent, decoderSession, network.Decode, factor));
            }
        }

        return new ParityReport(
            Tolerance,
            $"ONNX Runtime {OrtEnv.Instance().GetVersionString()}, CPU",
            $"TorchSharp {typeof(torch).Assembly.GetName().Version?.ToString(3)}",
            rows);

        void Add(ParityRow row)
        {
            rows.Add(row);
            progress?.Invoke(rows.Count, Comparisons);
            cancellation.ThrowIfCancellationRequested();
        }

        int Pixels(int latents) => PixelTensor.RoundUp(latents * Math.Min(factor, LargestPatch), factor);
    }

    private static ParityRow Compare(string part, long[] shape, float[] input, InferenceSession session, Func<torch.Tensor, torch.Tensor> network, int factor)
    {
        var expected = RunTorch(network, input, shape);
        var actual = RunOnnx(session, input, shape);
        if (actual.Length != expected.Length)
        {
            throw new InvalidOperationException($"The exported {part} gives {actual.Length} values for an input [{string.Join(", ", shape)}]; the network gives {expected.Length}.");
        }

        var scale = Math.Max(1, StandardDeviation(expected));
        var errors = new float[expected.Length];
        TensorPrimitives.Subtract(actual, expected, errors);
        return new ParityRow(
            part,
            (int)shape[0],
            (int)shape[2] * factor,
            (int)shape[3] * factor,
            scale,
            Math.Abs(TensorPrimitives.MaxMagnitude<float>(errors)),
            TensorPrimitives.SumOfMagnitudes<float>(errors) / errors.Length);
    }

    private static float[] RunTorch(Func<torch.Tensor, torch.Tensor> network, float[] input, long[] shape)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        return network(torch.tensor(input, shape)).cpu().contiguous().data<float>().ToArray();
    }

    private static float[] RunOnnx(InferenceSession session, float[] input, long[] shape)
    {
        using var options = new RunOptions();
        using var value = OrtValue.CreateTensorValueFromMemory(input, shape);
        using var outputs = session.Run(options, session.InputNames, [value], session.OutputNames);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static double StandardDeviation(float[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }

    private static float[] Values(int count, Func<float> next)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = next();
        }

        return values;
    }

    // Box and Muller's transform; the argument of the logarithm must not be 0.
    private static float Normal(Random random)
        => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
