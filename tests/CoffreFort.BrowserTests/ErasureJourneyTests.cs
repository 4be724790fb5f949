using CoffreFort.IntegrationTests;
using Microsoft.Playwright;

namespace CoffreFort.BrowserTests;

/// <summary>A holder has a paper erased on a phone, by the pages alone and once by the keyboard alone; every page on the way is accessible.</summary>
[Collection(DemoTests.Name)]
public sealed class ErasureJourneyTests(Demo demo)
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task a_holder_erases_changes_their_mind_and_erases_for_good(bool scripts)
    {
        await using var holder = await demo.SignInAsync("holder2", Visitor.Phone, scripts);
        await holder.Page.GotoAsync("/vault/deposit?type=tax-notice");
        await holder.Page.FillAsync("#Title", "À effacer");
        await holder.Page.SetInputFilesAsync("#File", await SampleDocuments.GuideAsync());
        await holder.ClickAsync(AriaRole.Button, "Déposer");
        await holder.SeesAsync("Le document est déposé");

        await holder.ClickAsync(AriaRole.Link, "Effacer ce document");
        await IsAccessibleAsync(holder, scripts);
        await PressAsync(holder, "Effacer ce document");
        await holder.SeesAsync("Ce document sera effacé le");
        await IsAccessibleAsync(holder, scripts);
        await holder.Page.GotoAsync("/my-data");
        await holder.SeesAsync("Documents qui vont être effacés");
        await IsAccessibleAsync(holder, scripts);
        await holder.Page.GoBackAsync();
        await PressAsync(holder, "Annuler l'effacement");
        await holder.SeesAsync("tout est comme avant");

        await holder.ClickAsync(AriaRole.Link, "Effacer ce document");
        await holder.Page.Locator("input[value=now]").FocusAsync();
        await holder.Page.Keyboard.PressAsync("Space");
        await PressAsync(holder, "Effacer ce document");
        await holder.SeesAsync("Ce document est effacé");
        await holder.DoesNotSeeAsync("À effacer");
        await IsAccessibleAsync(holder, scripts);
        await holder.ClickAsync(AriaRole.Link, "Attestation d'effacement");
        await holder.SeesAsync("Définitif, comme prévu, le");
        await IsAccessibleAsync(holder, scripts);
        Assert.Empty(holder.TakeComplaints());
    }

    /// <summary>By the keyboard: whoever can't use a pointer gets there too.</summary>
    private static async Task PressAsync(Visitor visitor, string button)
    {
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = button.Replace('\'', '’') }).First.FocusAsync();
        await visitor.Page.Keyboard.PressAsync("Enter");
    }

    private static async Task IsAccessibleAsync(Visitor visitor, bool scripts)
    {
        // Whoever checks runs in the page.
        if (scripts) Assert.Empty(await Accessibility.ViolationsAsync(visitor.Page));
        Assert.True(scripts || await visitor.Page.Locator("h1").CountAsync() == 1);
    }
}
