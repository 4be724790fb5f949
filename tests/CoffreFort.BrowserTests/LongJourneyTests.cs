using System.Text.RegularExpressions;
using CoffreFort.IntegrationTests;
using Microsoft.Playwright;

namespace CoffreFort.BrowserTests;

/// <summary>The ways that lead over several people or over none of a pointer's help: moving, replaying, the keyboard alone.</summary>
[Collection(DemoTests.Name)]
public sealed partial class LongJourneyTests(Demo demo)
{
    private const string Holder = "Camille Le Goff";
    private const string Holder2 = "Inès Marchetti";

    [Fact]
    public async Task a_posting_is_announced_and_handed_over_on_a_phone_and_at_its_date_the_new_space_reads()
    {
        await using var holder = await demo.SignInAsync("holder2", Visitor.Phone);
        var address = await holder.Page.Locator(".address").InnerTextAsync();
        await DepositOrderAsync(holder);
        await using var personnel = await demo.SignInAsync("personnel", Visitor.Phone);
        await personnel.Page.GotoAsync("/postings");
        await personnel.Page.FillAsync("#Vault", address);
        await personnel.Page.SelectOptionAsync("#To", new SelectOptionValue { Label = "Espace ATLAS de Brest (BST-29)" });
        await personnel.Page.FillAsync("#EffectiveOn", $"{Today().AddDays(60):yyyy-MM-dd}");
        await personnel.ClickAsync(AriaRole.Button, "Annoncer");
        var announced = personnel.Page.Locator("ul.rows > li", new() { HasText = Holder2 });
        // The triangle stands beside the words: one line of a finger's height.
        Assert.True((await announced.Locator("summary").BoundingBoxAsync())!.Height < 50);

        await using var brest = await demo.SignInAsync("atlas-brest");
        await brest.Page.GotoAsync("/arrivals");
        var arrival = brest.Page.Locator("ul.rows > li", new() { HasText = Holder2 });
        await Assertions.Expect(arrival).ToContainTextAsync("pas encore répondu");
        await holder.Page.GotoAsync("/moving");
        await holder.Page.Locator("label.choice", new() { HasText = "RIB" }).Locator("input").First.UncheckAsync();
        await holder.ClickAsync(AriaRole.Button, "Accepter le passage de relais");
        await holder.SeesAsync("Votre dernier choix");
        await brest.Page.ReloadAsync();
        await Assertions.Expect(arrival).ToContainTextAsync("a choisi ce qu");
        await brest.Page.GotoAsync("/agency/consents");
        await brest.DoesNotSeeAsync(Holder2);

        await announced.Locator("summary").ClickAsync();
        await announced.Locator("input[name=newDay]").FillAsync($"{Today():yyyy-MM-dd}");
        await announced.GetByRole(AriaRole.Button, new() { Name = "Reporter", Exact = true }).ClickAsync();
        await Assertions.Expect(announced.Locator("summary")).ToHaveCountAsync(0);
        await brest.Page.ReloadAsync();
        await brest.Page.GetByRole(AriaRole.Link, new() { Name = Holder2 }).First.ClickAsync();
        await brest.SeesAsync("Ordre de mutation");
        await brest.DoesNotSeeAsync("Mon RIB");
        Assert.Empty((string[])[.. holder.TakeComplaints(), .. personnel.TakeComplaints(), .. brest.TakeComplaints()]);
    }

    [Fact]
    public async Task an_auditor_steps_through_a_vaults_past_and_the_page_shows_each_instant()
    {
        string address;
        await using (var holder = await demo.SignInAsync("holder")) address = await holder.Page.Locator(".address").InnerTextAsync();
        await using var auditor = await demo.SignInAsync("auditor");
        await auditor.Page.GotoAsync("/audits");
        await auditor.Page.FillAsync("#Reason", "Contrôle annuel des accès");
        await auditor.Page.FillAsync("#Vaults", address);
        await auditor.ClickAsync(AriaRole.Button, "Ouvrir l'audit");
        await auditor.SeesAsync("Chaque question que vous posez y est inscrite");
        await auditor.Page.Locator("main ul.rows a").First.ClickAsync();
        var documents = auditor.Page.Locator(".figure-line li").First;
        await Assertions.Expect(documents).ToContainTextAsync(Some());
        await auditor.SeesAsync("Catalogue en vigueur depuis");

        await auditor.ClickAsync(AriaRole.Link, "Ouverture du coffre");
        await Assertions.Expect(documents).ToContainTextAsync("0");
        await auditor.SeesAsync("Aucune administration ne pouvait lire quoi que ce soit à cet instant");
        await Assertions.Expect(auditor.Page.Locator("li.timeline__now")).ToContainTextAsync("Ouverture du coffre");

        var slider = auditor.Page.Locator("input[type=range]");
        await slider.FocusAsync();
        await slider.PressAsync("End");
        await Assertions.Expect(documents).ToContainTextAsync(Some());
        await Assertions.Expect(auditor.Page.GetByRole(AriaRole.Table, new() { Name = "Qui a lu" })).ToContainTextAsync("CAF du Var");
        await auditor.DoesNotSeeAsync("RIB du compte commun");
        await auditor.DoesNotSeeAsync(Holder);
        Assert.Empty(auditor.TakeComplaints());
    }

    [Fact]
    public async Task a_holder_deposits_and_shares_by_keyboard_alone()
    {
        await using var clerk = await demo.SignInAsync("clerk-town");
        await using var holder = await demo.SignInAsync("holder");
        var keys = new Keyboard(holder);
        await clerk.Page.GotoAsync("/agency/requests/new");
        await clerk.Page.FillAsync("#Address", await holder.Page.Locator(".address").InnerTextAsync());
        await clerk.Page.SelectOptionAsync("#Procedure", "family-portal");
        await clerk.ClickAsync(AriaRole.Button, "Envoyer la demande");
        await clerk.ComesToAsync("/agency/requests/.*-");

        await DepositAsync(holder, keys);
        await keys.GoToAsync("Demandes");
        await keys.FollowAsync();
        await keys.GoToAsync("Portail famille");
        await keys.FollowAsync();
        var chosen = holder.Page.Locator("input[name=Pieces]:checked");
        var offered = await chosen.CountAsync();
        await keys.GoToAsync("Facture d'électricité de Toulon");
        await keys.PressAsync("Space");
        await Assertions.Expect(chosen).ToHaveCountAsync(offered - 1);
        await keys.GoToAsync("Accepter de montrer ces pièces");
        await keys.PressAsync("Enter");
        await holder.SeesAsync("Vous avez accepté");
        await keys.GoToAsync("Voir ou retirer cet accord");
        await keys.FollowAsync();
        await holder.SeesAsync("Mairie de Brest");
        Assert.Empty(holder.TakeComplaints());
    }

    private static async Task DepositOrderAsync(Visitor holder)
    {
        await holder.Page.GotoAsync("/vault/deposit?type=posting-order");
        await holder.Page.SetInputFilesAsync("#File", await SampleDocuments.GuideAsync());
        await holder.ClickAsync(AriaRole.Button, "Déposer");
        await holder.SeesAsync("Le document est déposé");
    }

    private static async Task DepositAsync(Visitor holder, Keyboard keys)
    {
        await keys.GoToAsync("Déposer un document");
        await keys.FollowAsync();
        await holder.SeesAsync("Que déposez-vous");
        await keys.GoToAsync("Avis d'imposition");
        await keys.FollowAsync();
        await keys.GoToAsync("Titre (facultatif)");
        await keys.TypeAsync("Avis, au clavier");
        // Asked for before the steps to it: a key may overtake the word to the browser that a test will choose the file, evaluations can't.
        var chooser = holder.Page.WaitForFileChooserAsync();
        await keys.GoToAsync("Fichier");
        await keys.PressAsync("Space");
        await (await chooser).SetFilesAsync(await SampleDocuments.GuideAsync());
        await keys.GoToAsync("Déposer");
        await keys.FollowAsync();
        await holder.SeesAsync("Le document est déposé");
    }

    [GeneratedRegex("[1-9]")]
    private static partial Regex Some();

    private static DateOnly Today() => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeBySystemTimeZoneId(DateTime.UtcNow, "Europe/Paris"));
}
