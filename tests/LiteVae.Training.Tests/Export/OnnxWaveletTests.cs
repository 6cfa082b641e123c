using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Proto = LiteVae.Formats.Onnx;

namespace LiteVae.Training.Tests.Export;

public class OnnxWaveletTests
{
    // One image 8 x 8, its three planes chosen so that every coefficient is known without computing a transform:
    // red a ramp 8 row + column, green a checkerboard of +1 and -1, blue 64 at row 5, column 2 and 0 elsewhere.
    private static readonly float[] Image = [.. Plane((r, c) => (8 * r) + c), .. Plane((r, c) => (r + c) % 2 == 0 ? 1 : -1), .. Plane((r, c) => (r, c) == (5, 2) ? 64 : 0)];

    [Fact]
    public void The_exported_encoder_starts_with_the_hand_made_wavelet_levels()
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture());
        var model = Proto.Model.Parser.ParseFrom(OnnxExporter.ToOnnx(network, TinyNetwork.Config(network)).Encoder);
        for (var level = 0; level < 3; level++)
        {
            model.Graph.Output.Add(new Proto.ValueInfo { Name = $"encoder.wavelet.{level}", Type = model.Graph.Input[0].Type.Clone() });
            model.Graph.Output[^1].Type.TensorType.Shape = null;
        }

        for (var level = 1; level <= 3; level++)
        {
            var side = 8 >> level;
            var bands = Run(model.ToByteArray(), "sample", Image, [1, 3, 8, 8], $"encoder.wavelet.{level - 1}");
            float[] Bands(int colour, int row, int column)
                => [.. Enumerable.Range(0, 4).Select(band => bands[(((((band * 3) + colour) * side) + row) * side) + column])];

            var step = 1 << (level - 1);
            for (var row = 0; row < side; row++)
            {
                for (var column = 0; column < side; column++)
                {
                    // Ramp: LL is the block's mean, H and V half the difference of its halves, with the sign of first minus second.
                    var mean = (8 * row * 2 * step) + (column * 2 * step) + (9 * ((2 * step) - 1) / 2f);
                    float[] ramp = [mean, -4 * step, -0.5f * step, 0];
                    Assert.Equal(ramp, Bands(0, row, column));

                    // Checkerboard: all of it in the diagonal band of level 1.
                    float[] checkerboard = [0, 0, 0, level == 1 ? 1 : 0];
                    Assert.Equal(checkerboard, Bands(1, row, column));

                    // Impulse: bottom left of its block, then top right, then bottom left, a quarter of it at each level.
                    float[] impulse = (level, row, column) switch
                    {
                        (1, 2, 1) => [16, -16, 16, -16],
                        (2, 1, 0) => [4, 4, -4, -4],
                        (3, 0, 0) => [1, -1, 1, -1],
                        _ => [0, 0, 0, 0],
                    };
                    Assert.Equal(impulse, Bands(2, row, column));
                }
            }
        }
    }

    [Fact]
    public void The_inverse_level_gives_the_image_back()
    {
        var graph = new OnnxGraph("round_trip", "");
        var layers = new OnnxLayers(graph);
        var image = graph.Input("image", "N", 3, "H", "W");
        graph.Output("back", layers.HaarSynthesis(layers.HaarAnalysis(image, "bands"), "image_again"), "N", 3, "H", "W");
        Assert.Equal(Image, Run(graph.ToBytes(), "image", Image, [1, 3, 8, 8], "back"));
    }

    private static float[] Run(byte[] model, string input, float[] values, long[] shape, string output)
    {
        using var session = new InferenceSession(model);
        using var options = new RunOptions();
        using var value = OrtValue.CreateTensorValueFromMemory(values, shape);
        using var results = session.Run(options, [input], [value], [output]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static IEnumerable<float> Plane(Func<int, int, float> pixel)
        => Enumerable.Range(0, 64).Select(i => pixel(i / 8, i % 8));
}
