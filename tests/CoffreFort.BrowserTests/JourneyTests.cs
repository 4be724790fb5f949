using CoffreFort.IntegrationTests;
using CoffreFort.IntegrationTests.Features.Signatures;
using Microsoft.Playwright;

namespace CoffreFort.BrowserTests;

/// <summary>What people come for, done as they do it: by the pages alone, under the content security policy.</summary>
[Collection(DemoTests.Name)]
public sealed class JourneyTests(Demo demo)
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task a_holder_deposits_a_paper_and_finds_it_again(bool scripts)
    {
        await using var holder = await demo.SignInAsync("holder", Visitor.Phone, scripts);
        var title = scripts ? "Guide, avec script" : "Guide, sans script";
        await holder.Page.GotoAsync("/vault/deposit?type=tax-notice");
        await holder.Page.FillAsync("#Title", title);
        await holder.Page.SetInputFilesAsync("#File", await SampleDocuments.GuideAsync());
        await holder.ClickAsync(AriaRole.Button, "Déposer");
        await holder.SeesAsync("Le document est déposé");
        await Assertions.Expect(holder.Page.Locator("h1")).ToHaveTextAsync(title);
        await Assertions.Expect(holder.Page.Locator("ol.timeline li")).Not.ToHaveCountAsync(0);
        await Assertions.Expect(holder.Page.GetByRole(AriaRole.Link, new() { Name = "Télécharger" }).First).ToBeVisibleAsync();
        if (scripts) await SeesTheDocumentDrawnAsync(holder);
        await holder.Page.GotoAsync("/vault");
        await holder.SeesAsync(title);
        Assert.Empty(holder.TakeComplaints());
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task a_signature_file_is_sent_with_the_paper_that_it_came_with_and_what_is_none_is_told(bool scripts)
    {
        using var beside = new DetachedScene(demo.Issuers);
        await using var holder = await demo.SignInAsync("holder", Visitor.Phone, scripts);
        var signature = beside.Sign(DetachedScene.Paper);
        await holder.Page.GotoAsync("/vault/deposit?type=tax-notice");
        foreach (var (wrong, told) in new[] { (DetachedScene.Paper, "n'est pas une signature séparée"), (new byte[65537], "dépasse 64 Kio") })
        {
            await ChooseAsync(wrong);
            await holder.SeesAsync(told);
        }

        // The browser says of its own accord what the server refused.
        Assert.All(holder.TakeComplaints(), complaint => Assert.Contains("status of 4", complaint, StringComparison.Ordinal));
        await ChooseAsync(signature);
        await holder.SeesAsync("Le document est déposé");
        await holder.SeesAsync("Signature vérifiée : Centre des impôts de démonstration");
        var kept = await holder.Page.RunAndWaitForDownloadAsync(() => holder.ClickAsync(AriaRole.Link, "Télécharger la signature (.p7s)"));
        Assert.Equal("avis.xml.p7s", kept.SuggestedFilename);
        Assert.Equal(signature, await File.ReadAllBytesAsync((await kept.PathAsync())!));
        Assert.Empty(holder.TakeComplaints());

        // Without scripts a refusal is another page, on which files are to be chosen anew.
        async Task ChooseAsync(byte[] file)
        {
            await holder.Page.SetInputFilesAsync("#File", new FilePayload { Name = "avis.xml", MimeType = "text/xml", Buffer = DetachedScene.Paper });
            await holder.Page.SetInputFilesAsync("#Signature", new FilePayload { Name = "avis.xml.p7s", MimeType = "application/pkcs7-signature", Buffer = file });
            await holder.ClickAsync(AriaRole.Button, "Déposer");
        }
    }

    [Fact]
    public async Task a_clerk_reads_what_was_accepted_until_it_is_revoked()
    {
        await using var holder = await demo.SignInAsync("holder");
        await using var clerk = await demo.SignInAsync("clerk-caf");
        var reason = "Contrôle de la prime";
        await clerk.Page.GotoAsync("/agency/requests/new");
        await clerk.Page.FillAsync("#Address", await holder.Page.Locator(".address").InnerTextAsync());
        await clerk.ClickAsync(AriaRole.Button, "Envoyer la demande");
        await clerk.ComesToAsync("/agency/requests/.*-");
        var request = new Uri(clerk.Page.Url).Segments[^1];

        await holder.Page.GotoAsync($"/requests/{request}");
        await holder.Page.Locator("input[name=Pieces]").First.UncheckAsync();
        await holder.ClickAsync(AriaRole.Button, "Accepter de montrer ces pièces");
        await holder.ClickAsync(AriaRole.Link, "Voir ou retirer cet accord");

        await clerk.Page.ReloadAsync();
        await clerk.ClickAsync(AriaRole.Link, "Lire les pièces");
        await clerk.Page.Locator("input[name=Document]").First.CheckAsync();
        await clerk.Page.FillAsync("#Reason", reason);
        await clerk.ClickAsync(AriaRole.Button, "Continuer");
        await SeesTheDocumentDrawnAsync(clerk);

        await holder.ClickAsync(AriaRole.Link, "Retirer ce partage…");
        await holder.ClickAsync(AriaRole.Button, "Retirer le partage");
        await holder.SeesAsync("Par vous");
        await holder.Page.GotoAsync("/usage");
        await holder.SeesAsync(reason);
        Assert.Empty(clerk.TakeComplaints());
        var refused = await clerk.Page.GotoAsync(clerk.Page.Url);
        Assert.InRange(refused!.Status, 400, 499);
    }

    /// <summary>The sandboxed frame shows an image, or a page of a PDF that is not blank.</summary>
    private static async Task SeesTheDocumentDrawnAsync(Visitor visitor)
    {
        await visitor.ClickAsync(AriaRole.Button, "Voir ici");
        var frame = visitor.Page.FrameLocator("iframe.preview__frame");
        var drawn = frame.Locator(".page .text, main > img").First;
        await Assertions.Expect(drawn).ToBeAttachedAsync();
        Assert.True(await drawn.EvaluateAsync<bool>(
            """
            node => {
              if (node.tagName === 'IMG') return node.naturalWidth > 0;
              const canvas = node.parentElement.querySelector('canvas');
              const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
              return pixels.some((value, index) => index % 4 < 3 && value < 128);
            }
            """));
    }
}
