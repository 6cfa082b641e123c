using Microsoft.ML.OnnxRuntime;

namespace LiteVae.Benchmarks;

/// <summary>The encoder in ONNX Runtime without anything around it: what a pipeline can reach at best.</summary>
internal sealed class DirectEncoder : IDisposable
{
    private readonly RunOptions _runOptions = new();
    private readonly InferenceSession _session;

    /// <summary>A session with the options of the pipeline's own.</summary>
    public DirectEncoder(string model, int? threads)
    {
        using var options = new SessionOptions();
        if (threads is { } count)
        {
            options.IntraOpNumThreads = count;
        }

        _session = new InferenceSession(model, options);
    }

    /// <summary>Runs the model. May be called on several threads.</summary>
    public void Run(Batch batch) => _session.Run(_runOptions, _session.InputNames, [batch.Input], _session.OutputNames, [batch.Output]);

    public void Dispose()
    {
        _session.Dispose();
        _runOptions.Dispose();
    }

    /// <summary>Pixels and a place for their moments, both pinned.</summary>
    internal sealed class Batch : IDisposable
    {
        private Batch(PixelTensor pixels, LiteVaeConfig config)
        {
            var (height, width) = (pixels.Height / config.DownsamplingFactor, pixels.Width / config.DownsamplingFactor);
            Moments = new float[pixels.Count * 2 * config.LatentChannels * height * width];
            Input = OrtValue.CreateTensorValueFromMemory(pixels.Data, [pixels.Count, 3, pixels.Height, pixels.Width]);
            Output = OrtValue.CreateTensorValueFromMemory(Moments, [pixels.Count, 2 * config.LatentChannels, height, width]);
        }

        public OrtValue Input { get; }

        public OrtValue Output { get; }

        public float[] Moments { get; }

        /// <summary>Files of the size that the model is to see, batch by batch.</summary>
        public static Batch[] Load(IEnumerable<string> paths, int size, LiteVaeConfig config) => [.. paths.Select(ImageDecoder.Decode).Chunk(size).Select(images =>
        {
            var pixels = new PixelTensor(images.Length, images[0].Height, images[0].Width);
            for (var i = 0; i < images.Length; i++)
            {
                pixels.Set(i, images[i]);
            }

            return new Batch(pixels, config);
        })];

        public void Dispose()
        {
            Input.Dispose();
            Output.Dispose();
        }
    }
}
