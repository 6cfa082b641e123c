using Microsoft.ML.OnnxRuntime;

namespace LiteVae;

/// <summary>Runs one half of a model on the CPU on zeros, to see what shape comes out.</summary>
internal sealed class ModelProbe : IDisposable
{
    private readonly string _path;
    private readonly InferenceSession _session;

    /// <summary>Makes the session.</summary>
    /// <exception cref="InvalidDataException">ONNX Runtime refuses the model.</exception>
    public ModelProbe(OnnxModelFile file)
    {
        _path = file.Path;
        _session = default(DeviceSelection).CreateSession(file.WithoutNoise(), file.Path, threads: null, profilePrefix: null);
    }

    /// <summary>[1, C, H, W] -> the shape of the result without its first dimension.</summary>
    /// <exception cref="InvalidDataException">The model does not take this shape, or gives something else than one picture or latent.</exception>
    public (int Channels, int Height, int Width) Run(int channels, int height, int width)
    {
        long[] shape = [1, channels, height, width];
        var result = Result(shape);
        return result is [1, > 0 and var c, > 0 and var h, > 0 and var w]
            ? checked(((int)c, (int)h, (int)w))
            : throw new InvalidDataException($"{_path}: the model makes [{string.Join(", ", result)}] of [{string.Join(", ", shape)}]; it must make [1, C, H, W].");
    }

    public void Dispose() => _session.Dispose();

    private long[] Result(long[] shape)
    {
        try
        {
            using var options = new RunOptions();
            using var input = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, _session.InputMetadata.Single().Value.ElementDataType, shape);
            input.GetTensorMutableRawData().Clear();
            using var outputs = _session.Run(options, _session.InputNames, [input], _session.OutputNames);
            return outputs.Single().GetTensorTypeAndShape().Shape;
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"{_path}: the model does not run on an input of [{string.Join(", ", shape)}]: {e.Message}", e);
        }
    }
}
