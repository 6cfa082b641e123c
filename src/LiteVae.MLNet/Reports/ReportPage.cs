using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace LiteVae;

/// <summary>The one page that all reports are: a single file that loads nothing, with a policy under which a browser runs and styles by what we wrote alone.</summary>
internal static class ReportPage
{
    private static readonly Lazy<PageTemplate> Shell = new(() => PageTemplate.Of(typeof(ReportPage), "report.html"));
    private static readonly Lazy<string> Style = new(() => PageTemplate.ReadText(typeof(ReportPage), "report.css"));
    private static readonly Lazy<string> Script = new(() => PageTemplate.ReadText(typeof(ReportPage), "report.js"));

    /// <summary>The page.</summary>
    /// <param name="title">Its title, as plain text.</param>
    /// <param name="body">Its content, as HTML in which every text from elsewhere is escaped.</param>
    /// <param name="furtherScript">What runs after the script that all pages have.</param>
    public static string Render(string title, string body, string furtherScript = "")
    {
        var script = Script.Value + furtherScript;
        return Shell.Value.Fill(new Dictionary<string, string>
        {
            ["title"] = WebUtility.HtmlEncode(title),
            ["style"] = Style.Value,
            ["script"] = script,
            ["style_hash"] = Hash(Style.Value),
            ["script_hash"] = Hash(script),
            ["body"] = body,
        });
    }

    // as the policy wants it: of the text between the tags
    private static string Hash(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
