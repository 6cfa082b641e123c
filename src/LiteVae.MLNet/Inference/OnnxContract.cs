namespace LiteVae;

/// <summary>What this library asks of a half of an autoencoder: one input and one output, of images or latents, with the names of Diffusers and Optimum.</summary>
/// <param name="Input">Name of the input.</param>
/// <param name="InputChannels">Its channels, or null for any.</param>
/// <param name="Outputs">Names of the output, of which one is there.</param>
/// <param name="OutputChannels">Its channels, or null for any.</param>
/// <param name="Samples">Whether it may draw the noise of a posterior, which is then taken out.</param>
internal sealed record OnnxContract(string Input, int? InputChannels, string[] Outputs, int? OutputChannels, bool Samples)
{
    /// <summary>image [N, 3, H, W] -> moments or latent.</summary>
    public static OnnxContract Encoder(int? channels) => new(ModelFolder.EncoderInput, 3, [ModelFolder.EncoderOutput, ModelFolder.PlainEncoderOutput], channels, Samples: true);

    /// <summary>latent [N, nz, h, w] -> image.</summary>
    public static OnnxContract Decoder(int? channels) => new(ModelFolder.DecoderInput, channels, [ModelFolder.DecoderOutput], 3, Samples: false);

    /// <summary>Checks that a model fits.</summary>
    /// <returns>Its input and its output.</returns>
    /// <exception cref="InvalidDataException">It does not; the message says in what.</exception>
    public (OnnxPort Input, OnnxPort Output) Require(OnnxModelFile file)
    {
        var input = RequireInput(file);
        var output = RequireOutput(file);
        return Samples || !file.DrawsNoise
            ? (input, output)
            : throw Refuse(file, "the decoder draws random numbers (RandomNormalLike), so that the same latent would not give the same image. Export the model without its noise.");
    }

    private OnnxPort RequireInput(OnnxModelFile file)
    {
        var wanted = Describe([Input], InputChannels);
        var input = file.Inputs.FirstOrDefault(port => port.Name == Input)
            ?? throw Refuse(file, $"the model's input is {List(file.Inputs)}; it must be {wanted}. Export the model with this name for its input.");
        if (file.Inputs.Count > 1)
        {
            throw Refuse(file, $"besides {input} the model wants {List(file.Inputs.Except([input]))}, which nothing here can give; it must take {wanted} alone. Export the model with the others fixed.");
        }

        RequireKind(file, "input", input, InputChannels, wanted);
        if (input.Dimensions is [var batch, _, var height, var width] && new[] { batch, height, width }.Any(dimension => dimension.Size is not null))
        {
            throw Refuse(file, $"the model's input {input} is of a fixed size; it must be {wanted} with N, H and W free. Export the model with these as dynamic axes.");
        }

        return input;
    }

    private OnnxPort RequireOutput(OnnxModelFile file)
    {
        var wanted = Describe(Outputs, OutputChannels);
        if (file.Outputs is not [var output] || !Outputs.Contains(output.Name))
        {
            throw Refuse(file, $"the model's output is {List(file.Outputs)}; it must be {wanted} alone. Export the model with this name for its output.");
        }

        RequireKind(file, "output", output, OutputChannels, wanted);
        return output;
    }

    private static void RequireKind(OnnxModelFile file, string kind, OnnxPort port, int? channels, string wanted)
    {
        if (!port.HasKnownType)
        {
            throw Refuse(file, $"the model's {kind} is {port}; values are exchanged as f32 or f16: it must be {wanted}, or the same in f16. Export the model in one of these.");
        }

        if (port.Dimensions is { Count: not 4 })
        {
            throw Refuse(file, $"the model's {kind} is {port}, of {port.Dimensions.Count} dimensions; it must be {wanted}, of four.");
        }

        if (port.Dimensions is not null && channels is not null && port.Channels != channels && port.Dimensions[1].Size is not null)
        {
            throw Refuse(file, $"the model's {kind} is {port}; it must be {wanted}.");
        }
    }

    private static InvalidDataException Refuse(OnnxModelFile file, string reason) => new($"{file.Path}: {reason}");

    private static string Describe(string[] names, int? channels) => $"{string.Join(" or ", names.Select(name => $"'{name}'"))} f32 [N, {channels?.ToString() ?? "C"}, H, W]";

    private static string List(IEnumerable<OnnxPort> ports) => string.Join(", ", ports.Select(port => port.ToString()).DefaultIfEmpty("none"));
}
