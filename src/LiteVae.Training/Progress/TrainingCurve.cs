using SkiaSharp;

namespace LiteVae.Training;

/// <summary>The run's curve as a picture: PSNR of the training batches against steps, each point and their running mean.</summary>
internal static class TrainingCurve
{
    private const int Width = 900;
    private const int Height = 420;
    private const int Margin = 56;

    /// <summary>Draws the log's lines.</summary>
    public static void Save(string path, IReadOnlyList<TrainingProgress> log)
    {
        var points = log.Where(p => double.IsFinite(p.Losses.Psnr)).Select(p => (Step: (double)p.StepsDone, p.Losses.Psnr)).ToList();
        if (points.Count < 2)
        {
            return;
        }

        var lastStep = points[^1].Step;
        var low = Math.Floor(points.Min(p => p.Psnr));
        var high = Math.Ceiling(points.Max(p => p.Psnr));

        using var bitmap = new SKBitmap(Width, Height);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.White);
        using var ink = new SKPaint { Color = SKColors.Black, TextSize = 14, IsAntialias = true };
        using var grid = new SKPaint { Color = new SKColor(225, 225, 225), StrokeWidth = 1 };
        using var dot = new SKPaint { Color = new SKColor(150, 190, 230), IsAntialias = true };
        using var line = new SKPaint { Color = new SKColor(20, 80, 160), StrokeWidth = 2, IsAntialias = true };

        // axes
        canvas.DrawText($"PSNR of the training batches, dB, over {lastStep:N0} steps", Margin, 24, ink);
        var spacing = Math.Max(1, Math.Ceiling((high - low) / 10));
        for (var db = low; db <= high; db += spacing)
        {
            canvas.DrawLine(Margin, Y(db), Width - 16, Y(db), grid);
            canvas.DrawText($"{db:0}", 16, Y(db) + 5, ink);
        }

        for (var tick = 0; tick <= 4; tick++)
        {
            var step = lastStep * tick / 4;
            canvas.DrawText($"{step:N0}", X(step) - (tick == 4 ? 44 : 12), Height - 16, ink);
        }

        // points, and their mean over a twentieth of the run
        var window = Math.Max(1, points.Count / 20);
        (float X, float Y)? before = null;
        for (var i = 0; i < points.Count; i++)
        {
            canvas.DrawCircle(X(points[i].Step), Y(points[i].Psnr), 1.5f, dot);
            var mean = points.Skip(Math.Max(0, i - window + 1)).Take(Math.Min(window, i + 1)).Average(p => p.Psnr);
            var at = (X(points[i].Step), Y(mean));
            if (before is { } from)
            {
                canvas.DrawLine(from.X, from.Y, at.Item1, at.Item2, line);
            }

            before = at;
        }

        canvas.Flush();
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100); // whole: an exception of the file's must not pass through native code
        AtomicFile.Write(path, png.SaveTo);

        float X(double step) => (float)(Margin + ((Width - Margin - 16) * step / lastStep));
        float Y(double db) => (float)(Height - 40 - ((Height - 80) * (db - low) / Math.Max(1, high - low)));
    }
}
