using System.Net;
using CoffreFort.IntegrationTests.Features.Mutations;
using CoffreFort.Server.Demo;

namespace CoffreFort.IntegrationTests.Web;

/// <summary>What the catalogue says reaches whoever reads English in English, also where an act recorded it in French.</summary>
public sealed class EnglishPagesTests
{
    [Fact]
    [Trait("Requirement", "R-229")]
    public async Task purposes_deadlines_and_sizes_are_told_in_english()
    {
        await using var story = await PostingStory.InToulonAsync();
        var order = await story.DepositAsync("posting-order");
        var consent = await story.GrantAsync(Agencies.AtlasToulon, "defence-housing", order);
        await story.AnnounceAsync("BST-29", (await story.TodayAsync()).AddMonths(2));
        var purpose = Server.Catalogue.EvidenceCatalogue.Load(Path.Combine(AppContext.BaseDirectory, "Catalogue")).FindProcedure("defence-housing")!.Purpose;

        foreach (var (persona, page) in new[] { ("holder", $"/shares/{consent}"), ("atlas-toulon", $"/agency/consents/{consent}"), ("holder", "/moving") })
        {
            var text = await EnglishAsync(story, persona, page);
            Assert.Contains(purpose.En, text, StringComparison.Ordinal);
            Assert.DoesNotContain(purpose.Fr, text, StringComparison.Ordinal);
        }

        var moving = await EnglishAsync(story, "holder", "/moving");
        Assert.Contains("Eight days, for a child over three.", moving, StringComparison.Ordinal);
        Assert.DoesNotContain("Huit jours", moving, StringComparison.Ordinal);
        Assert.Contains("3 bytes", await EnglishAsync(story, "holder", $"/documents/{order}"), StringComparison.Ordinal);
    }

    private static async Task<string> EnglishAsync(PostingStory story, string persona, string page)
    {
        using var client = await story.Server.AsAsync(persona);
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd("en");
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        return WebUtility.HtmlDecode(await client.GetStringAsync(page)).Replace('\u00a0', ' ');
    }
}
