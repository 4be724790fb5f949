using System.Text.RegularExpressions;
using CoffreFort.IntegrationTests;

namespace CoffreFort.BrowserTests;

/// <summary>The operator's page on a bad day: a view that stands still, messages given up, something to watch. Whole, accessible, and short enough for a phone.</summary>
[Collection(DemoTests.Name)]
public sealed partial class StatusPageTests(Demo demo) : IAsyncLifetime
{
    private const string Ill = """
        update coffrefort.subscriptions set stopped_at = 4711, stopped_type = 'audit_opened', stopped_since = now() - interval '1 hour',
            stopped_by = 'Event 4711 (audit_opened) can''t be applied: new row for relation "audit_list" violates check constraint "boom" (23514)' where name = 'audit_list';
        insert into coffrefort.subscriptions (name, version, tables) values ('agency_directory~next', 1, '{}') on conflict do nothing;
        insert into coffrefort.mt_event_progression (name, last_seq_id) values ('agency_directory~next', 12) on conflict do nothing;
        insert into coffrefort.outbox (id, destination, type, body, state, attempts, problem, ended)
            select gen_random_uuid(), 'alerts', 'coffrefort.alert.subscription-stopped', '{}', 'dead', 20, 'no answer within 15 s', now() from generate_series(1, 2);
        insert into coffrefort.integrity_sweep (position, began, ended) values (3, now() - interval '2 hours', now() - interval '1 hour') on conflict (only_row) do update set position = 3;
        insert into coffrefort.integrity_findings (area, thing, what, seen) values ('blobs', 'blob 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef', 'missing', now())
        """;

    private const string Well = """
        update coffrefort.subscriptions set stopped_at = null, stopped_type = null, stopped_since = null, stopped_by = null;
        delete from coffrefort.subscriptions where name like '%~next';
        delete from coffrefort.mt_event_progression where name like '%~next';
        delete from coffrefort.outbox; delete from coffrefort.integrity_findings; delete from coffrefort.problems
        """;

    public Task InitializeAsync() => demo.Database.ExecuteAsync(Ill);

    public Task DisposeAsync() => demo.Database.ExecuteAsync(Well);

    [Theory]
    [InlineData(Visitor.Desk, "fr-FR")]
    [InlineData(Visitor.Phone, "en-GB")]
    public async Task what_needs_a_decision_comes_first_and_nothing_breaks_a_rule(int width, string language)
    {
        await using var visitor = await demo.SignInAsync("operator", width, language: language);
        await visitor.Page.GotoAsync("/status");
        var headings = await visitor.Page.Locator("main h2").AllInnerTextsAsync();
        Assert.Equal(language == "fr-FR" ? ["À décider", "À surveiller"] : ["To decide", "To watch"], headings.Take(2));
        Assert.Matches(Decisions(), await visitor.Page.Locator("main .notice__title").First.InnerTextAsync());
        Assert.Equal(4, await visitor.Page.Locator("main .panel").CountAsync());
        Assert.Empty(await Accessibility.ViolationsAsync(visitor.Page));
        Assert.Empty(visitor.TakeComplaints());
        Assert.Equal(0, await visitor.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        var name = Path.Combine(Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "screenshots")).FullName, $"operator-status-ill-{width}.png");
        await visitor.Page.ScreenshotAsync(new() { Path = name, FullPage = true });
    }

    [GeneratedRegex("^4 (décisions|decisions)")]
    private static partial Regex Decisions();
}
