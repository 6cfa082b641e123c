using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace LiteVae;

/// <summary>Where a model runs: <c>cpu</c>, or <c>cuda:N</c> for the N-th NVIDIA GPU.</summary>
/// <param name="CudaIndex">Index of the GPU, or null for the CPU.</param>
internal readonly record struct DeviceSelection(int? CudaIndex)
{
    private const string CudaProvider = "CUDAExecutionProvider";

    /// <summary>Reads <c>cpu</c>, <c>cuda</c> (the same as <c>cuda:0</c>) or <c>cuda:N</c>.</summary>
    /// <exception cref="ArgumentException">The text is none of these.</exception>
    public static DeviceSelection Parse(string text) =>
        TryParse(text, out var device)
            ? device
            : throw new ArgumentException($"The device '{text}' is not known: use 'cpu', 'cuda' or 'cuda:N', for example 'cuda:0'.", nameof(text));

    /// <summary>As <see cref="Parse"/>, but false where the text names no device.</summary>
    public static bool TryParse(string? text, out DeviceSelection device)
    {
        device = text == "cuda" ? new DeviceSelection(0) : default;
        if (text is "cpu" or "cuda")
        {
            return true;
        }

        const string prefix = "cuda:";
        if (text is null || !text.StartsWith(prefix, StringComparison.Ordinal)
            || !int.TryParse(text.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            return false;
        }

        device = new DeviceSelection(index);
        return true;
    }

    /// <summary>A session on this device; the GPU asked for and absent is an error, never a run on the CPU.</summary>
    /// <param name="model">The bytes of the ONNX file.</param>
    /// <param name="source">Where they came from, for error messages.</param>
    /// <param name="threads">Threads inside one operator, or null for ONNX Runtime's choice.</param>
    /// <param name="profilePrefix">Where to write ONNX Runtime's profile, or null for none.</param>
    /// <param name="configure">Sets further options, or null for none.</param>
    /// <exception cref="InvalidDataException">ONNX Runtime refuses the model.</exception>
    /// <exception cref="InvalidOperationException">The device cannot be used here, or ONNX Runtime itself is missing.</exception>
    public InferenceSession CreateSession(byte[] model, string source, int? threads, string? profilePrefix, Action<SessionOptions>? configure = null)
    {
        try
        {
            using var options = CreateOptions(threads, profilePrefix);
            configure?.Invoke(options);
            return new InferenceSession(model, options);
        }
        catch (OnnxRuntimeException e) when (CudaIndex is null)
        {
            throw new InvalidDataException($"{source}: ONNX Runtime cannot load this model: {e.Message}", e);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidOperationException($"{source}: ONNX Runtime cannot load this model on {this}: {e.Message}", e);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException })
        {
            throw new InvalidOperationException(
                $"{source}: ONNX Runtime's native library is not beside the program. Reference the package Microsoft.ML.OnnxRuntime (CPU) or Microsoft.ML.OnnxRuntime.Gpu.", e);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => CudaIndex is { } index ? $"cuda:{index}" : "cpu";

    private SessionOptions CreateOptions(int? threads, string? profilePrefix)
    {
        var options = new SessionOptions();
        try
        {
            if (threads is { } count)
            {
                options.IntraOpNumThreads = count;
            }

            if (profilePrefix is not null)
            {
                options.ProfileOutputPathPrefix = profilePrefix;
                options.EnableProfiling = true;
            }

            if (CudaIndex is { } index)
            {
                AppendCuda(options, index);
            }

            return options;
        }
        catch
        {
            options.Dispose();
            throw;
        }
    }

    private static void AppendCuda(SessionOptions options, int index)
    {
        if (!OrtEnv.Instance().GetAvailableProviders().Contains(CudaProvider))
        {
            throw Absent(index, "this program has the CPU build of ONNX Runtime", null);
        }

        try
        {
            options.AppendExecutionProvider_CUDA(index);
        }
        catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            // The CPU build does not even export the function; a GPU build without CUDA's libraries reports an error of its own.
            throw Absent(index, e.Message, e);
        }
    }

    private static InvalidOperationException Absent(int index, string reason, Exception? inner) => new(
        $"The device cuda:{index} was asked for and cannot be used: {reason}. Reference Microsoft.ML.OnnxRuntime.Gpu in place of Microsoft.ML.OnnxRuntime (litevae is built with it by -p:Accelerator=cuda) "
        + "and install the CUDA libraries it needs, or use the device 'cpu'; for a saved ML.NET pipeline, mlContext.SetLiteVaeDevice(\"cpu\") before it is loaded.",
        inner);
}
