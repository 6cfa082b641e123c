using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Adam (Kingma and Ba 2015), with decoupled weight decay where that is asked for (AdamW, Loshchilov and Hutter 2019).</summary>
/// <remarks>
/// TorchSharp's own passes numbers that the garbage collector may free under the native call (see <see cref="TensorArithmetic"/>), and takes the parameters one by one; this one
/// takes them all at once. Its state belongs to the dispose scope that it is created in.
/// </remarks>
internal sealed class Adam
{
    private const double Epsilon = 1e-8; // the authors'

    private readonly FlatParameters _parameters;
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly double _weightDecay;

    /// <summary>Starts with averages of 0.</summary>
    public Adam(FlatParameters parameters, double beta1, double beta2, double weightDecay = 0)
    {
        (_parameters, _beta1, _beta2, _weightDecay) = (parameters, beta1, beta2, weightDecay);
        (Mean, Square) = (zeros_like(parameters.Values), zeros_like(parameters.Values));
    }

    /// <summary>The running mean of the gradients, laid out as the parameters are.</summary>
    public Tensor Mean { get; }

    /// <summary>The running mean of the squared gradients, laid out as the parameters are.</summary>
    public Tensor Square { get; }

    /// <summary>Updates the parameters by their gradients.</summary>
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
        var gradient = _parameters.Gradients!;
        Mean.mul_(meanKeep).add_(gradient, meanShare);
        Square.mul_(squareKeep).addcmul_(gradient, gradient, squareShare);
        if (_weightDecay > 0)
        {
            using var keep = (1 - (learningRate * _weightDecay)).ToScalar();
            _parameters.Values.narrow(0, 0, _parameters.DecayedCount).mul_(keep);
        }

        var deviation = Square.sqrt().mul_(squareCorrection).Plus(Epsilon);
        _parameters.Values.addcdiv_(Mean, deviation, size);
    }
}
