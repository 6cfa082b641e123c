using System.Text.RegularExpressions;
using LiteVae.Tests;
using LiteVae.Tests.Shared;

namespace LiteVae.Cli.Tests;

/// <summary>The samples that feed latents to a stock trainer and load what was saved, as their reader runs them: trained by one program, predicting in another.</summary>
public sealed partial class FeaturesSampleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_saved_pipeline_puts_every_photo_into_the_group_it_was_trained_into()
    {
        var photos = Path.Combine(SharedData.Repository, "samples", "photos");
        var trained = (await Run("FeaturesApp", photos, _folder.At("groups.zip"))).Expect(0).Out;
        var groups = GroupLine().Matches(trained).SelectMany(line => line.Groups["photos"].Value.Split(", ").Select(photo => (Photo: photo, Group: line.Groups["number"].Value)))
            .ToDictionary(pair => pair.Photo, pair => pair.Group);
        Assert.Equal(Directory.GetFiles(photos, "*.jpg").Select(Path.GetFileName).Order(), groups.Keys.Order());
        Assert.Equal(3, groups.Values.Distinct().Count());

        var predicted = (await Run(["LoadApp", _folder.At("groups.zip"), .. Directory.GetFiles(photos, "*.jpg")])).Expect(0).Out;
        foreach (var line in predicted.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var match = Prediction().Match(line);
            Assert.Equal(groups[Path.GetFileName(match.Groups["photo"].Value)], match.Groups["number"].Value);
        }

        Assert.Equal(groups.Count, predicted.Count(character => character == '\n'));
    }

    [Fact]
    public async Task They_say_how_they_are_used()
    {
        Assert.Contains("Usage: FOLDER PIPELINE.zip", (await Run("FeaturesApp")).Expect(2).Error);
        Assert.Contains("Usage: PIPELINE.zip PHOTO...", (await Run("LoadApp", "groups.zip")).Expect(2).Error);
    }

    private static Task<Litevae.Result> Run(params string[] command) =>
        Litevae.Finish(Litevae.StartDotnet([SharedData.App(command[0]), .. command[1..]], SharedData.Repository));

    [GeneratedRegex(@"^group (?<number>\d+): (?<photos>.+)$", RegexOptions.Multiline)]
    private static partial Regex GroupLine();

    [GeneratedRegex(@"^(?<photo>.+): group (?<number>\d+), squared distances ")]
    private static partial Regex Prediction();
}
