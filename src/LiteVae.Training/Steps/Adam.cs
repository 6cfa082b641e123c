using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Adam (Kingma and Ba 2015), without weight decay.</summary>
/// <remarks>
/// TorchSharp's own passes numbers that the garbage collector may free under the native call (see <see cref="TensorArithmetic"/>); this one
/// holds them. Its state belongs to the dispose scope that it is created in.
/// </remarks>
internal sealed class Adam
{
    private const double Epsilon = 1e-8; // the authors'

    private readonly Parameter[] _parameters;
    private readonly (Tensor Mean, Tensor Square)[] _state;
    private readonly double _beta1;
    private readonly double _beta2;

    /// <summary>Starts with averages of 0.</summary>
    public Adam(Parameter[] parameters, double beta1, double beta2)
    {
        _parameters = parameters;
        _state = [.. parameters.Select(p => (zeros_like(p), zeros_like(p)))];
        (_beta1, _beta2) = (beta1, beta2);
    }

    /// <summary>The running means of gradient and squared gradient, in the parameters' order.</summary>
    public IReadOnlyList<(Tensor Mean, Tensor Square)> State => _state;

    /// <summary>Updates every parameter that has a gradient.</summary>
    /// <param name="step">Steps done before this one, from 0: the averages' correction depends on it.</param>
    /// <param name="learningRate">The learning rate.</param>
    public void Step(long step, double learningRate)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var meanKeep = _beta1.ToScalar();
        using var meanShare = (1 - _beta1).ToScalar();
        using var squareKeep = _beta2.ToScalar();
        using var squareShare = (1 - _beta2).ToScalar();
        using var squareCorrection = (1 / Math.Sqrt(1 - Math.Pow(_beta2, step + 1))).ToScalar();
        using var size = (-learningRate / (1 - Math.Pow(_beta1, step + 1))).ToScalar();
        for (var i = 0; i < _parameters.Length; i++)
        {
            if (_parameters[i].grad is { } gradient)
            {
                var (mean, square) = _state[i];
                mean.mul_(meanKeep).add_(gradient, meanShare);
                square.mul_(squareKeep).addcmul_(gradient, gradient, squareShare);
                var deviation = square.sqrt().mul_(squareCorrection).Plus(Epsilon);
                _parameters[i].addcdiv_(mean, deviation, size);
            }
        }
    }
}
