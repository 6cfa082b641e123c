using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace LiteVae.Training;

/// <summary>What the averaged weights make of held-out images: pictures of the latest evaluation, kept in a file, so that a run that goes on shows them before its next one.</summary>
/// <param name="StepsDone">Steps done when they were made.</param>
/// <param name="Protocol">How they were measured.</param>
/// <param name="Worst">Those of the lowest PSNR, the worst first.</param>
/// <param name="Spread">Some spread over the folder, the same ones at every evaluation.</param>
/// <param name="Images">How many images were measured.</param>
/// <param name="Table">The numbers of those of the lowest PSNR, all of them where they are few.</param>
internal sealed record HeldOutPictures(
    long StepsDone, string Protocol, IReadOnlyList<ImageComparison> Worst, IReadOnlyList<ImageComparison> Spread, int Images, IReadOnlyList<ImageNumbers> Table)
{
    private const int MaxRows = 500; // the page's size is bounded

    /// <summary>Takes the pictures that an evaluation kept.</summary>
    public static HeldOutPictures Of(long stepsDone, string protocol, Evaluation found)
    {
        return new HeldOutPictures(
            stepsDone, protocol, [.. found.Worst.Select(Compare)], [.. found.Samples.Select(Compare)], found.Images.Count, [.. found.Images.OrderBy(image => image.Psnr ?? double.PositiveInfinity).Take(MaxRows)]);

        static ImageComparison Compare(ReconstructionPair pair) => ImageComparison.Of(pair.Key, pair.Score, pair.Lpips, pair.Image, pair.Reconstruction);
    }

    /// <summary>Reads a file; null where there is none, or where a run that does steps again did not get as far.</summary>
    public static HeldOutPictures? Load(string path, long stepsDone)
    {
        try
        {
            return File.Exists(path) && JsonSerializer.Deserialize(File.ReadAllText(path), LogJson.Default.HeldOutPictures) is { Table: not null } pictures && pictures.StepsDone <= stepsDone ? pictures : null;
        }
        catch (JsonException)
        {
            return null; // the next evaluation writes it anew
        }
    }

    /// <summary>Writes the file.</summary>
    public void Save(string path) => AtomicFile.WriteAllText(path, JsonSerializer.Serialize(this, LogJson.Default.HeldOutPictures));

    /// <summary>The page's section.</summary>
    public string Render()
    {
        var html = new StringBuilder();
        Dictionary<string, string> anchors = [];
        html.Append(CultureInfo.InvariantCulture, $"<h2>Held-out images at step {StepsDone:N0}</h2>\n<p class=\"note\"><b>Protocol</b> {WebUtility.HtmlEncode(Protocol)}</p>\n{ComparisonFigure.Legend}");
        Gallery("Of the lowest PSNR", Worst);
        Gallery("Spread over the folder", [.. Spread.ExceptBy(Worst.Select(picture => picture.Name), picture => picture.Name)]);
        html.Append(CultureInfo.InvariantCulture, $"<h3>{(Table.Count < Images ? $"The {Table.Count:N0} of the lowest PSNR, of {Images:N0}" : "All of them")}</h3>\n")
            .Append(ImageTable.Render([.. Table.Select(image => (image, anchors.GetValueOrDefault(image.Name)))]));
        return html.ToString();

        void Gallery(string heading, IReadOnlyList<ImageComparison> pictures)
        {
            if (pictures.Count == 0)
            {
                return;
            }

            html.Append($"<h3>{heading}</h3>\n<div class=\"gallery\">\n");
            foreach (var picture in pictures)
            {
                var id = $"held-out-{anchors.Count + 1}";
                ComparisonFigure.Append(html, picture, id);
                anchors[picture.Name] = $"#{id}";
            }

            html.Append("</div>\n");
        }
    }
}
