using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.Server;
using CoffreFort.Server.Demo;
using FsCheck;
using FsCheck.Fluent;

namespace CoffreFort.IntegrationTests.Features.Mutations;

/// <summary>Random postings against a model of a few lines: at every instant exactly those may read whom the model names.</summary>
public sealed class MutationModelTests
{
    private enum Act
    {
        Announce, Reschedule, Accept, TakeBack, Cancel, Wait, Revoke, Grant,
    }

    private sealed record Step(Act Act, int Days);

    private static readonly Gen<Step> step =
        from act in Gen.Frequency(
            (4, Gen.Constant(Act.Announce)), (2, Gen.Constant(Act.Reschedule)), (4, Gen.Constant(Act.Accept)), (1, Gen.Constant(Act.TakeBack)),
            (1, Gen.Constant(Act.Cancel)), (4, Gen.Constant(Act.Wait)), (1, Gen.Constant(Act.Revoke)), (2, Gen.Constant(Act.Grant)))
        from days in Gen.Choose(0, 3)
        select new Step(act, days);

    /// <summary>Whatever chance brings afterwards: postings accepted before and after they took effect, moved, taken back, cancelled.</summary>
    private static readonly Step[] EveryAct =
    [
        new(Act.Grant, 0), new(Act.Announce, 1), new(Act.Accept, 0), new(Act.Wait, 1),
        new(Act.Announce, 1), new(Act.Wait, 2), new(Act.Accept, 0), new(Act.Revoke, 0),
        new(Act.Announce, 3), new(Act.Accept, 0), new(Act.TakeBack, 0), new(Act.Reschedule, 1), new(Act.Wait, 1),
        new(Act.Announce, 1), new(Act.Cancel, 0), new(Act.Wait, 2), new(Act.Grant, 0), new(Act.Announce, 0),
    ];

    [Fact]
    public async Task at_each_instant_those_may_read_whom_the_postings_say()
    {
        await using var story = await PostingStory.InToulonAsync();
        var order = await story.DepositAsync("posting-order");
        var bank = await story.DepositAsync("bank-details");
        var caf = await story.GrantAsync(Agencies.CafVar, "removal-bonus", bank);
        Assert.Equal(4, await Run.Async(story, order, bank, caf, EveryAct));
        Prop.ForAll(step.ListOf(12).ToArbitrary(), steps => Run.Async(story, order, bank, caf, steps).GetAwaiter().GetResult() >= 0)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(12));
    }

    /// <summary>The model: where the holder is, what is announced, and which space's access stands.</summary>
    private sealed class Run(PostingStory story, Guid order, Guid bank, Guid other)
    {
        private static readonly string[] Spaces = ["TLN-83", "BST-29"];
        private readonly List<Guid>[] _consents = [[], []];
        private readonly Dictionary<Guid, int> _used = [];
        private readonly bool[] _mayRead = new bool[2];
        private int _space;
        private string? _mutation;
        private DateOnly _day;
        private bool _accepted;
        private string? _unanswered;
        private int _effects;

        public static async Task<int> Async(PostingStory story, Guid order, Guid bank, Guid other, IEnumerable<Step> steps)
        {
            await EndWhatAnEarlierRunLeftAsync(story);
            var vault = await story.Holder.GetFromJsonAsync<JsonObject>("/api/v1/vaults/me");
            var run = new Run(story, order, bank, other) { _space = Guid.Parse((string)vault!["space"]!) == Agencies.AtlasToulon.Id ? 0 : 1 };
            foreach (var one in steps)
            {
                await run.DoAsync(one);
                await run.TimePassesAsync();
                await run.CompareAsync();
            }

            return run._effects;
        }

        private Task DoAsync(Step step) => step.Act switch
        {
            Act.Announce => AnnounceAsync(step.Days),
            Act.Reschedule => ToOpenAsync("reschedule", step.Days),
            Act.Cancel => ToOpenAsync("cancel", step.Days),
            Act.Accept => AcceptAsync("defence-housing"),
            Act.TakeBack => AcceptAsync(),
            Act.Wait => WaitAsync(step.Days),
            Act.Revoke => RevokeAsync(),
            _ => GrantAsync(),
        };

        private async Task AnnounceAsync(int days)
        {
            var day = (await story.TodayAsync()).AddDays(days);
            var answer = await story.Personnel.PostAsJsonAsync("/api/v1/mutations", new { vault = story.Vault, to = Spaces[1 - _space], effectiveOn = day });
            Assert.Equal(_mutation is null ? 201 : 409, (int)answer.StatusCode);
            if (!answer.IsSuccessStatusCode) return;
            (_mutation, _day, _accepted) = ((string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["id"]!, day, false);
        }

        private async Task ToOpenAsync(string act, int days)
        {
            if (_mutation is null) return;
            var day = (await story.TodayAsync()).AddDays(days);
            object body = act == "reschedule" ? new { effectiveOn = day } : new { };
            var answer = await story.Personnel.PostAsJsonAsync($"/api/v1/mutations/{_mutation}/{act}", body);
            Assert.Equal(200, (int)answer.StatusCode);
            if (act == "reschedule") _day = day;
            else _mutation = null;
        }

        private async Task AcceptAsync(params string[] procedures)
        {
            if ((_mutation ?? _unanswered) is not { } mutation) return;
            var answer = await story.Holder.PostAsJsonAsync(
                $"/api/v1/mutations/{mutation}/accept", new { procedures = procedures.Select(procedure => new { procedure }) });
            Assert.Equal(_mutation is null && procedures.Length == 0 ? 422 : 200, (int)answer.StatusCode);
            if (!answer.IsSuccessStatusCode) return;
            if (_mutation is not null) _accepted = procedures.Length > 0;
            else await OpensAsync(mutation);
        }

        private async Task WaitAsync(int days)
        {
            if (days > 0) await story.AdvanceAsync(FrenchCalendar.StartOf((await story.TodayAsync()).AddDays(days)));
        }

        private async Task GrantAsync()
        {
            _consents[_space].Add(await story.GrantAsync(_space == 0 ? Agencies.AtlasToulon : Agencies.AtlasBrest, "defence-housing", order));
            _mayRead[_space] = true;
        }

        private async Task RevokeAsync()
        {
            foreach (var consent in _consents[_space]) await story.Holder.PostAsync($"/api/v1/consents/{consent}/revoke", null);
            _mayRead[_space] = false;
        }

        /// <summary>What the model says happens by itself.</summary>
        private async Task TimePassesAsync()
        {
            if (_mutation is not { } mutation || await story.TodayAsync() < _day) return;
            _effects++;
            _mayRead[_space] = false;
            _space = 1 - _space;
            (_mutation, _unanswered) = (null, _accepted ? null : mutation);
            if (_accepted) await OpensAsync(mutation);
        }

        private async Task OpensAsync(string mutation)
        {
            // The old space tries first: what opens for the new one is not needed for the old one's access to be over.
            await CompareAsync(1 - _space);
            var view = await story.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/mutations/{mutation}");
            _consents[_space].AddRange(view!["consents"]!.AsArray().Select(consent => Guid.Parse((string)consent!)));
            (_mayRead[_space], _unanswered) = (true, null);
        }

        private async Task CompareAsync()
        {
            await CompareAsync(0);
            await CompareAsync(1);
            Assert.True(await story.ReadsAsync("clerk-caf", other, bank));
        }

        private async Task CompareAsync(int space)
        {
            var reads = false;
            foreach (var consent in _consents[space])
            {
                // A handover gives six reads: the last one is kept, and asked about without being used.
                var used = _used[consent] = _used.GetValueOrDefault(consent) + 1;
                reads |= await story.ReadsAsync(space == 0 ? "atlas-toulon" : "atlas-brest", consent, order, ask: used > 5);
            }

            Assert.Equal(_mayRead[space], reads);
        }

        private static async Task EndWhatAnEarlierRunLeftAsync(PostingStory story)
        {
            var open = (await story.Holder.GetFromJsonAsync<JsonObject>("/api/v1/mutations"))!["items"]!.AsArray()
                .FirstOrDefault(one => (string)one!["state"]! is "announced" or "accepted");
            if (open is not null) Assert.Equal(200, (int)(await story.Personnel.PostAsJsonAsync($"/api/v1/mutations/{open["id"]}/cancel", new { })).StatusCode);
        }
    }
}
