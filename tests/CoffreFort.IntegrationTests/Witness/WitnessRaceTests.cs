using System.Globalization;
using System.Text;
using System.Threading.Channels;
using CoffreFort.Transparency;

namespace CoffreFort.IntegrationTests.Witness;

/// <summary>Whatever is asked at once, and whenever the witness dies: all that it ever cosigned is one history.</summary>
public sealed class WitnessRaceTests
{
    private const int Kills = 10;

    [Fact]
    [Trait("Requirement", "R-270")]
    public async Task of_two_histories_that_race_exactly_one_is_cosigned()
    {
        var logs = Enumerable.Range(0, 6).Select(i => new HandMadeLog($"log.example/{i}")).ToList();
        await using var witness = await WitnessProcess.StartAsync([.. logs.Select(log => log.Key)]);
        foreach (var log in logs)
        {
            HandMadeLog[] histories = [log.ForkAt(0), log.ForkAt(0)];
            histories[0].GrowTo(20, "a");
            histories[1].GrowTo(20, "b");
            var first = await RaceAsync(witness, histories, 0, 10);
            Assert.Equal(1, first.Count(status => status == 200));
            Assert.Equal(15, first.Count(status => status == 409));

            var second = await RaceAsync(witness, histories, 10, 20);
            Assert.Equal(1, second.Count(status => status == 200));
            Assert.Equal(15, second.Count(status => status is 409 or 422));
            Assert.Equal(Array.IndexOf(first, 200) % 2, Array.IndexOf(second, 200) % 2);
        }
    }

    [Fact]
    [Trait("Requirement", "R-270")]
    public async Task killed_at_any_instant_it_never_cosigns_an_older_or_another_tree()
    {
        var log = new HandMadeLog("log.example/a");
        await using var witness = await WitnessProcess.StartAsync(log.Key);
        Submitter[] histories = [new(witness, log.ForkAt(0), "a"), new(witness, log.ForkAt(0), "b")];
        var random = new Random(20261122);
        for (var kill = 0; kill < Kills; kill++)
        {
            var submitting = Task.WhenAll(histories.Select(history => history.SubmitAsync()));
            await Task.WhenAny(histories.Select(history => history.CosignedAsync(1 + random.Next(3))));
            // Then at some instant of whatever it is doing then.
            await Task.Delay(random.Next(30));
            await witness.KillAsync();
            await submitting;
            await witness.StartAsync();
            Assert.True(await KnownSizeAsync(witness, log) >= histories.Max(history => history.LastSize), "It has forgotten what it answered.");
        }

        // The two histories share no tree: had it ever been of two minds, both would have something.
        var winner = Assert.Single(histories, history => history.Cosigned.Count > 0);
        Assert.True(winner.Cosigned.Count >= Kills);
        Assert.Equal(winner.Cosigned.Order(), winner.Cosigned);
        var known = await KnownSizeAsync(witness, winner.Log);
        Assert.Equal(200, (await witness.SubmitAsync(winner.Log.Request(known, known + 1))).Status);
    }

    private static async Task<int[]> RaceAsync(WitnessProcess witness, HandMadeLog[] histories, int old, int size)
    {
        var requests = Enumerable.Range(0, 16).Select(i => histories[i % 2].Request(old, size)).ToList();
        return [.. (await Task.WhenAll(requests.Select(witness.SubmitAsync))).Select(answer => answer.Status)];
    }

    private static async Task<int> KnownSizeAsync(WitnessProcess witness, HandMadeLog log) =>
        int.Parse((await witness.SubmitAsync(log.Request(0, 0))).Content.TrimEnd('\n'), CultureInfo.InvariantCulture);

    /// <summary>One of the histories, submitted step by step until the witness is gone.</summary>
    private sealed class Submitter
    {
        private readonly WitnessProcess witness;
        private readonly Channel<long> answers = Channel.CreateUnbounded<long>();
        private int old;

        public Submitter(WitnessProcess witness, HandMadeLog log, string what)
        {
            (this.witness, Log) = (witness, log);
            log.GrowTo(2000, what);
        }

        public HandMadeLog Log { get; }

        /// <summary>What was cosigned, in the order of the answers.</summary>
        public List<(DateTimeOffset At, long Size)> Cosigned { get; } = [];

        public long LastSize => Cosigned.Count == 0 ? 0 : Cosigned[^1].Size;

        public async Task CosignedAsync(int times)
        {
            for (var i = 0; i < times; i++) await answers.Reader.ReadAsync();
        }

        public async Task SubmitAsync()
        {
            while (answers.Reader.TryRead(out _)) ;
            try
            {
                while (true) await StepAsync();
            }
            catch (HttpRequestException)
            {
                // It was killed.
            }
        }

        private async Task StepAsync()
        {
            var size = old + 1 + old % 3;
            var (status, content, _) = await witness.SubmitAsync(Log.Request(old, size));
            if (status == 409) old = int.Parse(content.TrimEnd('\n'), CultureInfo.InvariantCulture);
            if (status != 200) return;
            var note = SignedNote.Parse(Encoding.UTF8.GetBytes(Log.Checkpoint(size) + content));
            Cosigned.Add(((await Cosignature.VerifyAsync(note, witness.Key, new Ed25519()))!.Value, size));
            old = size;
            await answers.Writer.WriteAsync(size);
        }
    }
}
