using Microsoft.ML.OnnxRuntime;

namespace LiteVae;

/// <summary>Runs one half of a model that is not trusted on zeros, to see what shape comes out: on the CPU, within limits of memory and time.</summary>
/// <remarks>
/// A graph of a few bytes can make gigabytes out of nothing, or multiply matrices for hours. So the session's memory comes from an arena with an end; a run is
/// stopped between two operators when its time is over; and nothing is computed while the session is made, where it could not be stopped.
/// </remarks>
internal sealed class ModelProbe : IDisposable
{
    private const long MemoryBesidesWeights = 64 << 20;

    // ONNX Runtime takes the arena of a session from one list for the whole process, by its name; it is in that list only while the session is made.
    private static readonly Lock Arenas = new();

    private readonly string _path;
    private readonly TimeSpan _patience;
    private readonly InferenceSession _session;

    /// <summary>Makes the session.</summary>
    /// <param name="file">The model.</param>
    /// <param name="patience">How long a run may take.</param>
    /// <exception cref="InvalidDataException">ONNX Runtime refuses the model.</exception>
    public ModelProbe(OnnxModelFile file, TimeSpan patience)
    {
        (_path, _patience) = (file.Path, patience);
        _session = CreateSession(file);
    }

    /// <summary>[1, C, H, W] -> the shape of the result without its first dimension.</summary>
    /// <exception cref="InvalidDataException">The model does not take this shape, takes too much memory or time, or gives something else than one picture or latent.</exception>
    public (int Channels, int Height, int Width) Run(int channels, int height, int width)
    {
        long[] shape = [1, channels, height, width];
        var result = Result(shape);
        return result is [1, > 0 and <= int.MaxValue and var c, > 0 and <= int.MaxValue and var h, > 0 and <= int.MaxValue and var w]
            ? ((int)c, (int)h, (int)w)
            : throw new InvalidDataException($"{_path}: the model makes [{string.Join(", ", result)}] of [{string.Join(", ", shape)}]; it must make [1, C, H, W].");
    }

    public void Dispose() => _session.Dispose();

    private static InferenceSession CreateSession(OnnxModelFile file)
    {
        lock (Arenas)
        {
            OrtMemoryInfo? registered = null;
            try
            {
                return default(DeviceSelection).CreateSession(file.WithoutNoise(), file.Path, threads: null, profilePrefix: null, Limit);
            }
            finally
            {
                if (registered is not null)
                {
                    OrtEnv.Instance().UnregisterAllocator(registered);
                    registered.Dispose();
                }
            }

            void Limit(SessionOptions options)
            {
                options.LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL; // what goes wrong is in the exceptions
                options.GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL;
                options.AddSessionConfigEntry("session.use_env_allocators", "1");
                var most = (uint)Math.Min((2L * file.Bytes.Length) + MemoryBesidesWeights, uint.MaxValue);
                var memory = new OrtMemoryInfo("Cpu", OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
                using var arena = new OrtArenaCfg(most, arenaExtendStrategy: 1, initialChunkSizeBytes: -1, maxDeadBytesPerChunk: -1); // 1: as much as is asked for
                OrtEnv.Instance().CreateAndRegisterAllocator(memory, arena);
                registered = memory;
            }
        }
    }

    private long[] Result(long[] shape)
    {
        using var options = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        using var patience = new CancellationTokenSource(_patience);
        using var stop = patience.Token.Register(() => options.Terminate = true);
        try
        {
            using var input = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, _session.InputMetadata.Single().Value.ElementDataType, shape);
            input.GetTensorMutableRawData().Clear();
            using var outputs = _session.Run(options, _session.InputNames, [input], _session.OutputNames);
            return outputs.Single().GetTensorTypeAndShape().Shape;
        }
        catch (OnnxRuntimeException e)
        {
            var reason = patience.IsCancellationRequested ? $"it took more than {_patience.TotalMilliseconds:0} ms" : e.Message;
            throw new InvalidDataException($"{_path}: the model does not run on an input of [{string.Join(", ", shape)}]: {reason}", e);
        }
    }
}
