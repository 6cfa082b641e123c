using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>
/// A convolution with spectral normalisation (Miyato et al. 2018): its weight, as a matrix W = [O, I k k], is divided by sigma = |W' u|, the estimate of
/// its largest singular value. Power iteration, u = W W' u at unit length, leads u to the singular vector: one iteration a training forward, none in evaluation.
/// </summary>
/// <remarks>
/// u is part of the state, since the next step's sigma depends on it, and a constant to the gradient; v = W' u / |W' u| is taken anew from it, so sigma is a
/// function of weight and u alone and has the gradient u v'. (PyTorch keeps v from within the iteration: half an iteration less exact.)
/// </remarks>
internal sealed class SpectralConv2d : nn.Module<Tensor, Tensor>
{
    // Fresh weights start with an estimate that is good already, as in PyTorch.
    private const int InitialIterations = 15;

    internal readonly Parameter weight; // [O, I, k, k]
    internal readonly Parameter bias;   // [O]
    internal readonly Tensor u;         // [O], the estimate of the first left singular vector

    private readonly int _stride;
    private readonly int _padding;

    /// <summary>Creates the convolution; without a padding it keeps the size, for odd kernels.</summary>
    public SpectralConv2d(int input, int output, int kernel, Device? device = null, int stride = 1, int? padding = null)
        : base(nameof(SpectralConv2d))
    {
        (_stride, _padding) = (stride, padding ?? kernel / 2);
        using var temporaries = NewDisposeScope();

        // LeCun normal, as Layers.Conv: the output does not depend on the weight's scale, but how far a step of Adam turns it does.
        weight = nn.Parameter(empty([output, input, kernel, kernel], device: device));
        nn.init.normal_(weight, 0, 1 / Math.Sqrt(input * kernel * kernel));
        bias = nn.Parameter(zeros(output, device: device));
        u = randn(output, device: device);
        for (var i = 0; i < InitialIterations; i++)
        {
            Iterate();
        }

        RegisterComponents();

        // As TorchSharp's own layers do: a network made inside a dispose scope outlives it.
        foreach (var tensor in parameters().Concat(buffers()))
        {
            tensor.DetachFromDisposeScope();
        }
    }

    /// <summary>weight / sigma, [O, I, k, k]; in training mode after one power iteration.</summary>
    public Tensor NormalisedWeight()
    {
        using var scope = NewDisposeScope();
        if (training)
        {
            Iterate();
        }

        // A copy of u: the backward pass needs this one, and another forward may come before it.
        var sigma = Matrix().t().mv(u.clone()).norm();
        return (weight / sigma).MoveToOuterDisposeScope();
    }

    /// <summary>[N, I, H, W] to [N, O, (H + 2 padding - k) / stride + 1, ...].</summary>
    public override Tensor forward(Tensor x)
    {
        using var normalised = NormalisedWeight();
        return nn.functional.conv2d(x, normalised, bias, strides: [_stride, _stride], padding: [_padding, _padding]);
    }

    private Tensor Matrix() => weight.flatten(1); // [O, I k k]

    private void Iterate()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var v = nn.functional.normalize(Matrix().t().mv(u), dim: 0);
        u.copy_(nn.functional.normalize(Matrix().mv(v), dim: 0));
    }
}
