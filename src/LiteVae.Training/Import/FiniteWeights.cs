namespace LiteVae.Training;

/// <summary>Reads weights of which every value is a number.</summary>
internal static class FiniteWeights
{
    /// <summary>A tensor's values as floats, row-major.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, its elements are not floats, or one is NaN or infinite; the message says which.</exception>
    public static float[] ReadFinite(this IWeightFile file, string name)
    {
        var values = file.ReadFloats(name);
        var broken = Array.FindIndex(values, value => !float.IsFinite(value));
        return broken < 0 ? values
            : throw new InvalidDataException($"{file.Path}: the tensor '{FaultText.Printable(name)}' is {values[broken]} at place {broken}: these weights are broken.");
    }
}
