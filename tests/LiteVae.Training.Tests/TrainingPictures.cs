using LiteVae.Tests;

namespace LiteVae.Training.Tests;

/// <summary>A folder of small pictures with smooth colours and edges, the same ones every time, to train on.</summary>
internal static class TrainingPictures
{
    public static string Write(TemporaryFolder folder, int count = 6, int width = 40, int height = 32)
    {
        for (var i = 0; i < count; i++)
        {
            var pixels = new byte[width * height * 3];
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    var inside = Math.Abs(x - 10 - (3 * i)) < 7 && Math.Abs(y - 16) < 9;
                    var at = ((y * width) + x) * 3;
                    pixels[at] = (byte)(inside ? 230 : 20 + (5 * x));
                    pixels[at + 1] = (byte)(inside ? 40 * (i % 6) : 30 + (6 * y));
                    pixels[at + 2] = (byte)(60 + (20 * i));
                }
            }

            PngFile.Save(folder.At($"data/{i}.png"), new RgbImage(width, height, pixels));
        }

        return folder.At("data");
    }

    public static LiteVaeTrainerOptions Options(TemporaryFolder folder, string run = "run") => new()
    {
        Data = folder.At("data"),
        Output = folder.At(run),
        Architecture = new LiteVaeArchitecture
        {
            LatentChannels = 4,
            Encoder = new LiteVaeEncoderShape { Extractor = new UNetShape(4, [1, 2]), Aggregator = new UNetShape(4, [1, 2]), Norm = BlockNorm.SelfModulated },
            Decoder = new LiteVaeDecoderShape
            {
                Width = 8, Multipliers = [1, 1, 2], BlocksPerLevel = 1, Norm = BlockNorm.SelfModulated, Attention = false, Output = DecoderOutput.Wavelet,
            },
        },
        Stages = [new TrainingStage { Resolution = 16, Steps = 6, BatchSize = 2 }, new TrainingStage { Resolution = 32, Steps = 4, BatchSize = 1 }],
        LearningRate = new LearningRateSchedule { Peak = 2e-3, WarmupSteps = 2, FinalShare = 0.5 },
        LogEvery = 1,
        CheckpointEvery = 3,
        SampleEvery = 5,
    };
}
