using System.Globalization;

namespace LiteVae.Cli.Reports;

/// <summary>The numbers of <c>eval</c> for a terminal: the reconstructions', then the latents'.</summary>
internal static class EvaluationTable
{
    public static void Write(Output output, ReconstructionReport report, LatentReport latents)
    {
        var numbers = new TextTable("measure", ">value");
        numbers.Add("images", report.Images.Count.ToString(CultureInfo.InvariantCulture));
        numbers.Add("PSNR, dB", Show(report.Psnr, "0.00"));
        numbers.Add("SSIM", Show(report.Ssim, "0.0000"));
        numbers.Add("LPIPS", Show(report.Lpips, "0.0000"));
        numbers.Add("rFID", Show(report.Rfid, "0.000"));
        numbers.Write(output);
        output.Text.WriteLine();

        var channels = new TextTable(LatentTable.Headings);
        foreach (var row in LatentTable.Rows(latents))
        {
            channels.Add(row);
        }

        channels.Write(output);
        output.Text.WriteLine();
        output.Text.WriteLine(LatentTable.Summary(latents));
        output.Text.WriteLine(report.Protocol);
    }

    private static string Show(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";
}
