using System.Net;
using System.Text;
using CoffreFort.Server.Edges.Witness;
using CoffreFort.Transparency;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CoffreFort.IntegrationTests.Witness;

/// <summary>The server's side: asking a witness, believing only what verifies.</summary>
public sealed class HttpWitnessTests : IAsyncLifetime
{
    private readonly HandMadeLog log = new("log.example/a");
    private readonly List<(long First, long Second)> proved = [];
    private WitnessProcess witness = null!;

    public async Task InitializeAsync()
    {
        log.GrowTo(100);
        witness = await WitnessProcess.StartAsync(log.Key);
    }

    public async Task DisposeAsync() => await witness.DisposeAsync();

    [Fact]
    public async Task a_cosignature_is_appended_and_proofs_start_where_the_witness_stands()
    {
        var witnesses = Configured(witness.Address, witness.Key);
        Assert.True(witnesses.Required);
        foreach (var size in (int[])[0, 10, 10, 30])
        {
            var witnessed = await CosignAsync(witnesses, log, size);
            Assert.Empty(witnessed.Missing);
            var note = SignedNote.Parse(Encoding.UTF8.GetBytes(witnessed.Note));
            Assert.NotNull(await Cosignature.VerifyAsync(note, witness.Key, new Ed25519()));
            Assert.True(EcdsaNote.Verify(note, log.Key));
        }

        // One who knows nothing, as after a restart, learns the size by asking.
        Assert.Empty((await CosignAsync(Configured(witness.Address, witness.Key), log, 40)).Missing);
        Assert.Empty((await CosignAsync(witnesses, log, 50)).Missing);
        Assert.Equal([(10, 30), (30, 40), (30, 50), (40, 50)], proved);
    }

    [Fact]
    public async Task a_fork_a_rewrite_and_an_older_journal_are_told_apart()
    {
        var witnesses = Configured(witness.Address, witness.Key);
        await CosignAsync(witnesses, log, 50);
        var fork = log.ForkAt(20);
        fork.GrowTo(60, "other");
        Assert.Contains("another tree of 50 leaves", Fork(await CosignAsync(witnesses, fork, 50)), StringComparison.Ordinal);
        Assert.Contains("does not continue", Fork(await CosignAsync(witnesses, fork, 60)), StringComparison.Ordinal);
        Assert.Equal(new WitnessAnswer.Ahead(50), Answer(await CosignAsync(witnesses, log, 40)));
        Assert.Empty((await CosignAsync(witnesses, log, 60)).Missing);
    }

    [Fact]
    public async Task what_needs_a_person_is_refused_with_words_for_them()
    {
        Assert.Contains("does not know the key", Refusal(await CosignAsync(Configured(witness.Address, witness.Key), log.Impostor(), 5)), StringComparison.Ordinal);
        var stranger = new HandMadeLog("log.example/b");
        stranger.GrowTo(5);
        Assert.Contains("does not follow this log", Refusal(await CosignAsync(Configured(witness.Address, witness.Key), stranger, 5)), StringComparison.Ordinal);
        await using var other = await WitnessProcess.StartAsync(log.Key);
        Assert.Contains("is that its key?", Refusal(await CosignAsync(Configured(witness.Address, other.Key), log, 5)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_witness_that_is_away_is_silent_and_its_absence_keeps_none_of_the_others_away()
    {
        await using var other = await WitnessProcess.StartAsync(log.Key);
        var both = Configured(witness.Address, witness.Key, other.Address, other.Key);
        await witness.KillAsync();
        var witnessed = await CosignAsync(both, log, 5);
        Assert.IsType<WitnessAnswer.Silent>(Assert.Single(witnessed.Missing).Answer);
        Assert.NotNull(await Cosignature.VerifyAsync(SignedNote.Parse(Encoding.UTF8.GetBytes(witnessed.Note)), other.Key, new Ed25519()));
    }

    [Fact]
    public async Task a_passing_fault_is_tried_again_and_nonsense_is_not_believed()
    {
        var script = new Queue<HttpResponseMessage>();
        var scripted = new HttpWitness(witness.Address, witness.Key, new HttpClient(new Script(script)), new Ed25519());
        var good = (await witness.SubmitAsync(log.Request(0, 5))).Content;
        Task<WitnessAnswer> Ask() => scripted.CosignAsync(log.Checkpoint(5).ToString(), 5, Prove(log), CancellationToken.None);

        script.Enqueue(Scripted(HttpStatusCode.ServiceUnavailable, "later"));
        script.Enqueue(Scripted(HttpStatusCode.OK, $"— stranger AAAAAAAA\n{good}"));
        Assert.Equal(new WitnessAnswer.Cosigned(good), await Ask());

        // From here on it believes that the witness stands at 5.
        string[] nonsense = ["", "\n", "no signature\n", "— stranger AAAAAAAA\n", good.TrimEnd('\n'), $"{good}\n", $"x\n\n{good}"];
        foreach (var content in nonsense)
        {
            script.Enqueue(Scripted(HttpStatusCode.OK, content));
            Assert.IsType<WitnessAnswer.Refused>(await Ask());
        }

        script.Enqueue(Scripted(HttpStatusCode.Conflict, "five\n"));
        Assert.IsType<WitnessAnswer.Refused>(await Ask());
        // What stands in the witness's place by mistake (a portal, a proxy) stops no log.
        script.Enqueue(Scripted(HttpStatusCode.Conflict, "5\n", "text/plain"));
        Assert.IsType<WitnessAnswer.Refused>(await Ask());
        foreach (var size in (string[])["1\n", "2\n", "1\n", "2\n", "1\n"]) script.Enqueue(Scripted(HttpStatusCode.Conflict, size));
        Assert.IsType<WitnessAnswer.Silent>(await Ask());
        Assert.Empty(script);
    }

    [Theory]
    [InlineData("Witness:Url", "ftp://witness.example")]
    [InlineData("Witness:Key", "nonsense")]
    [InlineData("Witness:Url", null)]
    public void a_wrong_configuration_is_refused_in_words(string setting, string? value)
    {
        var settings = new Dictionary<string, string?> { ["Witness:Url"] = "http://127.0.0.1:1", ["Witness:Key"] = witness.Key.ToString(), [setting] = value };
        Assert.Contains(setting, Assert.Throws<InvalidOperationException>(() => Configured(settings)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void none_is_allowed_unless_one_is_required()
    {
        Assert.False(Configured([]).Required);
        Assert.Throws<InvalidOperationException>(() => Configured(new() { ["Witness:Required"] = "true" }));
    }

    private Task<WitnessedCheckpoint> CosignAsync(Witnesses witnesses, HandMadeLog from, int size) =>
        witnesses.CosignAsync(from.Checkpoint(size).ToString(), size, Prove(from), CancellationToken.None);

    private ConsistencyProofs Prove(HandMadeLog from) => (first, second, _) =>
    {
        proved.Add((first, second));
        return Task.FromResult(from.Proof((int)first, (int)second));
    };

    private static Witnesses Configured(Uri address, NoteVerifierKey key) => Configured(new() { ["Witness:Url"] = address.ToString(), ["Witness:Key"] = key.ToString() });

    private static Witnesses Configured(Uri address, NoteVerifierKey key, Uri other, NoteVerifierKey otherKey) => Configured(new()
    {
        ["Witness:0:Url"] = address.ToString(), ["Witness:0:Key"] = key.ToString(), ["Witness:1:Url"] = other.ToString(), ["Witness:1:Key"] = otherKey.ToString(),
    });

    private static Witnesses Configured(Dictionary<string, string?> settings) =>
        new ServiceCollection().AddWitnesses(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).BuildServiceProvider().GetRequiredService<Witnesses>();

    private static WitnessAnswer Answer(WitnessedCheckpoint witnessed) => Assert.Single(witnessed.Missing).Answer;

    private static string Refusal(WitnessedCheckpoint witnessed) => Assert.IsType<WitnessAnswer.Refused>(Answer(witnessed)).Problem;

    private static string Fork(WitnessedCheckpoint witnessed) => Assert.IsType<WitnessAnswer.Forked>(Answer(witnessed)).Problem;

    private static HttpResponseMessage Scripted(HttpStatusCode status, string content, string? type = null) =>
        new(status) { Content = new StringContent(content, Encoding.UTF8, type ?? (status == HttpStatusCode.Conflict ? "text/x.tlog.size" : "text/plain")) };

    private sealed class Script(Queue<HttpResponseMessage> answers) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answers.Dequeue());
    }
}
