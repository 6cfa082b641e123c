using LiteVae.Training;

namespace LiteVae.Comparison.Peers;

/// <summary>A model folder: one that ships, one of <c>litevae import</c>, or any other that the library opens.</summary>
internal sealed class ModelPeer : IPeer
{
    private const string Fence = "---";
    private const string LicenceKey = "license:";

    private readonly LiteVaeModel _model;

    /// <summary>Opens a folder.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It lacks a file of the model.</exception>
    /// <exception cref="InvalidDataException">It holds no model that works.</exception>
    public ModelPeer(string folder)
    {
        _model = LiteVaeModel.Load(folder, new LiteVaeModelOptions { Threads = 1 });
        var config = _model.Config;
        var (encoder, decoder) = Parameters(_model);
        Facts = new PeerFacts(PeerKind.Model, config.Name, config.LatentChannels, config.DownsamplingFactor, encoder, decoder, LicenceOf(_model.Folder));
    }

    /// <inheritdoc/>
    public PeerFacts Facts { get; }

    /// <inheritdoc/>
    public RgbImage Reconstruct(RgbImage image) => _model.Reconstruct(image);

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    /// <summary>Those of the network that was trained, of which an export may fold some; of a network that is not known, those of its graphs.</summary>
    private static (long Encoder, long Decoder) Parameters(LiteVaeModel model)
    {
        if (model.Config.Architecture is not { } architecture)
        {
            return (model.ReadEncoder().Parameters, model.ReadDecoder().Parameters);
        }

        var summary = NetworkSummary.Of(architecture, architecture.DownsamplingFactor, architecture.DownsamplingFactor);
        return (summary.Encoder.Parameters, summary.Decoder.Parameters);
    }

    /// <summary>What the model card's front matter says; null where there is none.</summary>
    private static string? LicenceOf(string folder)
    {
        var card = Path.Combine(folder, "README.md");
        return !File.Exists(card) || File.ReadLines(card).FirstOrDefault() != Fence ? null : File.ReadLines(card).Skip(1).TakeWhile(line => line != Fence)
            .FirstOrDefault(line => line.StartsWith(LicenceKey, StringComparison.Ordinal))?[LicenceKey.Length..].Trim().ToUpperInvariant();
    }
}
