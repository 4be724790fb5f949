using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.Server;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Keys;
using Microsoft.Extensions.DependencyInjection;

namespace CoffreFort.IntegrationTests.Features.Documents;

/// <summary>A document's period is one of its type's. One that was taken when any was stays until somebody states another.</summary>
public sealed class PeriodTests : IAsyncLifetime
{
    private const string OfBefore = "twenty twenty-five";

    private CoffreFortServer _server = null!;
    private SharingScene _scene = null!;

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync(seeded: false);
        _scene = await SharingScene.InAsync(_server);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("tax-notice", "2024", "2026-10", "2025")]
    [InlineData("payslip", "2026-02", "2026", "2026-10")]
    [InlineData("school-certificate", "2025-2026", "2026-10", "2026-2027")]
    public async Task a_period_is_written_as_its_type_says_and_who_writes_it_otherwise_is_told_how(string type, string right, string wrong, string example)
    {
        var document = await _scene.DepositAsync([1], type, $"&period={right}");
        Assert.Equal(right, await PeriodAsync(document));
        var refused = await CorrectAsync(document, new { period = wrong });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains($" {example}.", (string)(await refused.Content.ReadFromJsonAsync<JsonObject>())!["detail"]!, StringComparison.Ordinal);
        using var holder = await PageBrowser.AsAsync(_server, "holder");
        Assert.Contains($"Écrite comme {example}.", (await holder.GetAsync($"/documents/{document}/describe")).Text, StringComparison.Ordinal);
        Assert.Equal(right, await PeriodAsync(document));
    }

    /// <param name="type">One asks for a period, the other for none.</param>
    [Theory, InlineData("tax-notice"), InlineData("bank-details")]
    public async Task a_period_of_before_stays_when_something_else_is_corrected_and_no_other_one_like_it_is_taken(string type)
    {
        var document = await _scene.DepositAsync([1], type);
        await StateAsync(document, OfBefore);

        Assert.Equal(HttpStatusCode.OK, (await CorrectAsync(document, new { title = "Autre" })).StatusCode);
        Assert.Equal(OfBefore, await PeriodAsync(document));
        Assert.Equal(HttpStatusCode.OK, (await CorrectAsync(document, new { issuedOn = "2026-01-02" })).StatusCode);
        Assert.Equal(OfBefore, await PeriodAsync(document));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await CorrectAsync(document, new { period = "twenty twenty-six" })).StatusCode);
        using var holder = await PageBrowser.AsAsync(_server, "holder");
        Assert.Equal(HttpStatusCode.Redirect, (await holder.SendAsync($"/documents/{document}/describe", "", ("Title", "Encore"), ("IssuedOn", ""), ("Period", type == "tax-notice" ? OfBefore : ""))).Status);
        Assert.Equal(OfBefore, await PeriodAsync(document));
    }

    private Task<HttpResponseMessage> CorrectAsync(Guid document, object change) => _scene.Holder.PatchAsync($"/api/v1/documents/{document}", JsonContent.Create(change));

    private async Task<string?> PeriodAsync(Guid document) => (string?)(await _scene.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/documents/{document}"))!["period"];

    /// <summary>As it was taken when any twenty characters were.</summary>
    private async Task StateAsync(Guid document, string period)
    {
        using var scope = _server.Services.CreateScope();
        var title = await scope.ServiceProvider.GetRequiredService<RequestKeys>().SealAsync(_scene.Vault, document, "Avis", default);
        await scope.ServiceProvider.GetRequiredService<ActRunner>().RunAsync<Document>(
            Actor.Clockwork("test"), document, (_, _) => Decision.Of(new DocumentDescribed(title!, new StatedDates(Period: period))), default);
    }
}
