using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.IntegrationTests.Features.Mutations;
using CoffreFort.Server.Demo;
using FsCheck;
using FsCheck.Fluent;

namespace CoffreFort.IntegrationTests.Features.Audits;

/// <summary>The auditor's state at an instant equals a plain reading of the journal up to it, for random histories.</summary>
public sealed class ReplayPropertyTests
{
    private enum Act
    {
        Deposit, Renew, Grant, GrantStanding, Read, Revoke, Move, Wait,
    }

    private sealed record Step(Act Act, int Choice);

    private static readonly Gen<Step> step =
        from act in Gen.Frequency(
            (2, Gen.Constant(Act.Deposit)), (2, Gen.Constant(Act.Renew)), (4, Gen.Constant(Act.Grant)), (2, Gen.Constant(Act.GrantStanding)),
            (6, Gen.Constant(Act.Read)), (2, Gen.Constant(Act.Revoke)), (1, Gen.Constant(Act.Move)), (2, Gen.Constant(Act.Wait)))
        from choice in Gen.Choose(0, 1000)
        select new Step(act, choice);

    /// <summary>Before chance has its turn: two grants read until they are used up, so that every run looks at readers and reads.</summary>
    private static readonly Step[] opening =
    [
        new(Act.Deposit, 0), new(Act.Deposit, 1), new(Act.Grant, 3), new(Act.Grant, 2),
        new(Act.Read, 1), new(Act.Read, 1), new(Act.Read, 8), new(Act.Read, 1), new(Act.Read, 8), new(Act.Read, 1), new(Act.Read, 8),
    ];

    [Fact]
    public async Task the_state_at_any_instant_is_what_the_journal_says_up_to_it()
    {
        await using var story = await PostingStory.InToulonAsync();
        var auditor = await story.Server.AsAsync("auditor");
        var opened = await auditor.PostAsJsonAsync("/api/v1/audits", new { reason = "Contrôle", allVaults = true, until = (await story.Journal.NowAsync()).AddDays(360) });
        var state = $"/api/v1/audits/{(await opened.Content.ReadFromJsonAsync<JsonObject>())!["id"]}/state?vault={story.Vault}&at=";
        var history = new History(story);
        var (readers, reads) = (0, 0);
        foreach (var one in opening) await history.DoAsync(one.Act.ToString(), one.Choice);
        foreach (var stored in await story.EventsAsync()) await LookAsync(stored.Timestamp);
        Assert.True(readers >= 10 && reads >= 20, $"{readers} readers and {reads} reads prove too little.");
        Prop.ForAll(step.ListOf(12).ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (steps, seed) => CompareAsync(steps, seed).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(6));

        async Task CompareAsync(IEnumerable<Step> steps, int seed)
        {
            foreach (var one in steps) await history.DoAsync(one.Act.ToString(), one.Choice);
            var events = await story.EventsAsync();
            var random = new Random(seed);
            // At an event, or in the pause just before it.
            for (var look = 0; look < 8; look++) await LookAsync(events[random.Next(events.Count)].Timestamp.AddMicroseconds(-random.Next(2)));
        }

        async Task LookAsync(DateTimeOffset at)
        {
            var before = await story.EventsAsync();
            var told = (await auditor.GetFromJsonAsync<JsonObject>(state + Uri.EscapeDataString(at.ToString("O"))))!;
            // The moved clock stands still, so what is recorded meanwhile may bear the same instant: the answer says how far it went.
            var position = (long)told["position"]!;
            Assert.InRange(position, before.Count(stored => stored.Timestamp <= at), long.MaxValue);
            var plain = PlainReading.Of((await story.EventsAsync()).Where(stored => stored.Timestamp <= at && stored.Position <= position), story.Vault, at);
            Assert.Equal(plain.Position, position);
            Assert.Equal(plain.Documents, Lines(told["documents"], "document", "version"));
            Assert.Equal(plain.Consents, Lines(told["consents"], "id", "state", "used"));
            Assert.Equal(plain.Readers, Lines(told["readers"], "agency", "document", "version", "consent"));
            Assert.Equal(plain.Reads, Lines(told["reads"], "position", "document", "consent"));
            (readers, reads) = (readers + plain.Readers.Count, reads + plain.Reads.Count);
        }
    }

    private static SortedSet<string> Lines(JsonNode? items, params string[] members) =>
        new(items!.AsArray().Select(item => string.Join(' ', members.Select(member => item![member]!.ToString()))), StringComparer.Ordinal);

    /// <summary>Makes a history over HTTP; what is refused is part of it.</summary>
    private sealed class History(PostingStory story)
    {
        private readonly List<(Guid Id, string Type)> _documents = [];
        private readonly List<(Guid Id, bool Caf)> _consents = [];
        private bool _inBrest;

        public Task DoAsync(string act, int choice) => act switch
        {
            nameof(Act.Deposit) => DepositAsync(choice % 2 == 0 ? "posting-order" : "bank-details"),
            nameof(Act.Renew) => WithDocument(choice, one => story.Holder.PostAsync($"/api/v1/documents/{one.Id}/versions", new ByteArrayContent([9, 9]))),
            nameof(Act.Grant) => WithDocument(choice, one => GrantAsync(one.Type, new { document = one.Id }, choice)),
            nameof(Act.GrantStanding) => WithDocument(choice, one => GrantAsync(one.Type, null, choice)),
            nameof(Act.Read) => WithDocument(choice, one => ReadAsync(one.Id, choice)),
            nameof(Act.Revoke) => _consents.Count == 0 ? Task.CompletedTask : story.Holder.PostAsync($"/api/v1/consents/{_consents[choice % _consents.Count].Id}/revoke", null),
            nameof(Act.Move) => MoveAsync(),
            _ => WaitAsync(choice),
        };

        private async Task DepositAsync(string type) => _documents.Add((await story.DepositAsync(type), type));

        private Task WithDocument(int choice, Func<(Guid Id, string Type), Task> act) =>
            _documents.Count == 0 ? DepositAsync("posting-order") : act(_documents[choice % _documents.Count]);

        private async Task GrantAsync(string type, object? piece, int choice)
        {
            var caf = type == "bank-details";
            var answer = await story.Holder.PostAsJsonAsync("/api/v1/consents", new
            {
                grantee = caf ? Agencies.CafVar.Id : Agencies.AtlasToulon.Id, procedure = caf ? "removal-bonus" : "defence-housing",
                pieces = piece is null ? null : new[] { piece }, evidenceTypes = piece is null ? new[] { type } : null,
                uses = 1 + (choice % 4), until = (await story.Journal.NowAsync()).AddHours(20 + (choice % 60)),
            });
            var body = await answer.Content.ReadFromJsonAsync<JsonObject>();
            Assert.True(answer.IsSuccessStatusCode, body!.ToJsonString());
            _consents.Add((Guid.Parse((string)body["id"]!), caf));
        }

        private async Task ReadAsync(Guid document, int choice)
        {
            if (_consents.Count == 0) return;
            var consent = _consents[choice / 7 % _consents.Count];
            await story.ReadsAsync(consent.Caf ? "clerk-caf" : "atlas-toulon", consent.Id, document);
        }

        private async Task MoveAsync()
        {
            await story.AnnounceAsync(_inBrest ? "TLN-83" : "BST-29", await story.TodayAsync());
            _inBrest = !_inBrest;
        }

        private async Task WaitAsync(int choice) => await story.AdvanceAsync((await story.Journal.NowAsync()).AddHours(choice % 30));
    }
}
