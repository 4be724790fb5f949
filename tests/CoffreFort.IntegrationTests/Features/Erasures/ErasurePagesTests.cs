using System.Net;
using CoffreFort.IntegrationTests.Features.Documents;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;

namespace CoffreFort.IntegrationTests.Features.Erasures;

/// <summary>Erasing through the pages, without scripts: what they say, what they ask, and what is left afterwards.</summary>
public sealed class ErasurePagesTests : IAsyncLifetime
{
    private CoffreFortServer _server = null!;
    private SharingScene _scene = null!;
    private PageBrowser _holder = null!;

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync();
        _scene = await SharingScene.InAsync(_server);
        _holder = await PageBrowser.AsAsync(_server, "holder");
    }

    public async Task DisposeAsync()
    {
        _holder.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    [Trait("Requirement", "R-020")]
    public async Task a_document_is_erased_kept_after_all_and_erased_at_once()
    {
        var document = await _scene.DepositAsync([1, 2, 3]);
        var (page, erase) = ($"/documents/{document}", $"/documents/{document}/erase");
        Assert.Contains(erase, (await _holder.GetAsync(page)).Text, StringComparison.Ordinal);
        Says((await _holder.GetAsync(erase)).Text, "Ce qui disparaît", "Ce qui reste", "Dans 30 jours");

        Assert.Equal(HttpStatusCode.Redirect, (await _holder.SendAsync(erase, "", ("When", "grace"))).Status);
        Says((await _holder.GetAsync(page)).Text, "Avis", "Ce document sera effacé le", "Annuler l'effacement");
        Says((await _holder.GetAsync("/vault")).Text, "vous seul pouvez encore le lire");
        Says((await _holder.GetAsync("/my-data")).Text, "Documents qui vont être effacés");
        Assert.Equal(HttpStatusCode.Redirect, (await _holder.SendFromAsync(page, erase, "Keep")).Status);
        Assert.DoesNotContain("sera effacé", (await _holder.GetAsync(page)).Text, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.Redirect, (await _holder.SendAsync(erase, "", ("When", EraseDocumentModel.AtOnce))).Status);
        var after = await _holder.GetAsync(page);
        Says(after.Text, "Ce document est effacé", "Ses clés ont été détruites", "Nom effacé", "Le document a été effacé.");
        foreach (var gone in new[] { "Avis<", "/content", erase }) Assert.DoesNotContain(gone, after.Text, StringComparison.Ordinal);
        Says((await _holder.GetAsync("/my-data")).Text, $"/my-data/erasures/{document}");
        Says((await _holder.GetAsync($"/my-data/erasures/{document}")).Text, "Clés détruites le", "Définitif, comme prévu, le", "3 clés", $"/api/v1/erasures/{document}/certificate");
        Assert.Equal(HttpStatusCode.Redirect, (await _holder.GetAsync(erase)).Status);
    }

    [Fact]
    public async Task a_vault_is_erased_only_by_who_types_that_they_mean_it()
    {
        var document = await _scene.DepositAsync([1, 2, 3]);
        Says((await _holder.GetAsync("/my-data/erase")).Text, "1 document, dans toutes ses versions.", "Tapez EFFACER pour confirmer");

        var mistyped = await _holder.SendAsync("/my-data/erase", "", ("When", "now"), ("Word", "oui"));
        Says(mistyped.Text, "Tapez EFFACER pour confirmer. Rien n'a été effacé.");
        Assert.False((await VaultAsync()).Erasure.IsClosed);

        Assert.Equal(HttpStatusCode.Redirect, (await _holder.SendAsync("/my-data/erase", "", ("When", "grace"), ("Word", "effacer"))).Status);
        Says((await _holder.GetAsync("/my-data")).Text, "L'effacement de votre coffre est demandé");
        Assert.Equal(HttpStatusCode.Redirect, (await _holder.SendFromAsync("/my-data", "/my-data/erase", "Keep")).Status);
        Assert.False((await VaultAsync()).Erasure.IsClosed);

        Assert.Equal(HttpStatusCode.Redirect, (await _holder.SendAsync("/my-data/erase", "", ("When", "now"), ("Word", " EFFACER "))).Status);
        Assert.True((await VaultAsync()).Erasure.Destroyed);
        Says((await _holder.GetAsync("/my-data")).Text, "Attestation : un coffre entier");
        Says((await _holder.GetAsync($"/my-data/erasures/{_scene.Vault}")).Text, "Un coffre avec 1 document", "5 clés");
        Says((await _holder.GetAsync($"/documents/{document}")).Text, "Ce document est effacé");
        Says((await _holder.GetAsync("/vault")).Text, "Ouvrir mon coffre");
        Assert.Equal(HttpStatusCode.OK, (await _holder.GetAsync("/shares")).Status);
        Assert.Equal(HttpStatusCode.OK, (await _holder.GetAsync("/requests")).Status);
        Assert.Equal(HttpStatusCode.OK, (await _holder.GetAsync("/usage")).Status);
    }

    [Fact]
    public async Task however_many_were_erased_each_is_on_one_page_and_the_last_asked_for_is_on_the_first()
    {
        var other = await Depositor.OfAsync(_server, "holder2");
        var theirs = await other.DepositAsync([1]);
        (await other.Client.DeleteAsync($"/api/v1/documents/{theirs}")).EnsureSuccessStatusCode();
        var erased = new List<Guid>();
        for (var i = 0; i < 52; i++) erased.Add(await _scene.DepositAsync([1]));
        foreach (var document in erased) (await _scene.Holder.DeleteAsync($"/api/v1/documents/{document}")).EnsureSuccessStatusCode();
        // Asked again, for an earlier day: it keeps its place.
        (await _scene.Holder.DeleteAsync($"/api/v1/documents/{erased[1]}?grace=20")).EnsureSuccessStatusCode();

        var first = (await _holder.GetAsync("/my-data")).Text;
        var next = System.Text.RegularExpressions.Regex.Match(first, """<nav class="pager".*?href="([^"]+)""");
        var second = (await _holder.GetAsync(WebUtility.HtmlDecode(next.Groups[1].Value))).Text;

        Assert.DoesNotContain("class=\"pager\"", second, StringComparison.Ordinal);
        Assert.Equal(erased.Skip(2), erased.Where(document => first.Contains($"/documents/{document}", StringComparison.Ordinal)));
        Assert.Equal(erased.Take(2), erased.Where(document => second.Contains($"/documents/{document}", StringComparison.Ordinal)));
        Assert.DoesNotContain("Rien n'a été effacé", second, StringComparison.Ordinal);
        // However many others had erased since.
        using var browser = await PageBrowser.AsAsync(_server, "holder2");
        Says((await browser.GetAsync("/my-data")).Text, $"/documents/{theirs}");
    }

    private static void Says(string page, params string[] sentences)
    {
        foreach (var sentence in sentences) Assert.Contains(sentence, page, StringComparison.Ordinal);
    }

    private async Task<Vault> VaultAsync() => (await _server.Journal.AggregateStreamAsync<Vault>(_scene.Vault))!;
}
