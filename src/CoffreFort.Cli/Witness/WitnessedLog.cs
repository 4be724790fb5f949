using CoffreFort.Transparency;
using Microsoft.Extensions.Logging;

namespace CoffreFort.Cli.Witness;

/// <summary>One log as this witness has seen it. Checkpoints are looked at one after the other; none is cosigned that does not continue the last.</summary>
internal sealed class WitnessedLog : IDisposable
{
    // Long enough for any disk that works; a queue that waits longer is better told to come again.
    private static readonly TimeSpan longestWait = TimeSpan.FromSeconds(10);

    private readonly IReadOnlyList<NoteVerifierKey> keys;
    private readonly WitnessKey key;
    private readonly string file;
    private readonly WitnessEvidence evidence;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly SemaphoreSlim turn = new(1);
    private volatile WitnessState state;
    private volatile string? stopped;

    private WitnessedLog(IReadOnlyList<NoteVerifierKey> keys, WitnessKey key, WitnessFolder folder, WitnessState state, TimeProvider clock, ILogger logger)
    {
        (Origin, this.keys, this.key, this.state, this.clock, this.logger) = (keys[0].Name, keys, key, state, clock, logger);
        file = folder.StateFile(Origin);
        evidence = new WitnessEvidence(folder.EvidenceFolder(Origin), logger);
    }

    public string Origin { get; }

    /// <summary>What is durable now.</summary>
    public WitnessState State => state;

    public int EvidenceCount => evidence.Count;

    /// <summary>Why it cosigns no more until the process is restarted; null when it does.</summary>
    public string? Stopped => stopped;

    /// <summary>Takes up a log where it was left, or as a new one.</summary>
    /// <param name="keys">The keys that sign for one origin, their common name; at least one.</param>
    /// <param name="key">The witness's own.</param>
    /// <param name="folder">The witness's folder, held by this process.</param>
    /// <param name="clock">The time to cosign with.</param>
    /// <param name="logger">Where forks are cried out.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="WitnessRefusal">What was kept is damaged or gone.</exception>
    public static async Task<WitnessedLog> OpenAsync(
        IReadOnlyList<NoteVerifierKey> keys, WitnessKey key, WitnessFolder folder, TimeProvider clock, ILogger logger, CancellationToken cancellation)
    {
        var origin = keys[0].Name;
        var file = folder.StateFile(origin);
        var known = folder.KnownLogs().Contains(origin);
        if (known && !File.Exists(file))
            throw new WitnessRefusal($"{file} is gone, though this witness has followed {origin}. It will not begin that log a second time: begin a new witness, with a new key, in another folder.");
        // The state comes before the list, so that a listed log always has one, whenever the process dies.
        if (!File.Exists(file)) DurableFiles.Replace(file, WitnessState.Unseen.ToBytes(origin));
        if (!known) folder.RememberLog(origin);
        return new WitnessedLog(keys, key, folder, await WitnessState.ReadAsync(file, origin, key, cancellation), clock, logger);
    }

    /// <summary>Answers one submitted checkpoint of this log's origin (C2SP tlog-witness, add-checkpoint).</summary>
    /// <remarks>A caller who goes away changes nothing: what was begun is brought to its end.</remarks>
    public async Task<WitnessReply> AddAsync(AddCheckpointRequest request)
    {
        if (!IsSigned(request.Note)) return WitnessReply.NotSigned;
        if (!await turn.WaitAsync(longestWait)) return WitnessReply.Stopped("Too many checkpoints are waiting. Try again later.");
        try
        {
            return stopped is not null ? WitnessReply.Stopped(stopped) : Refuse(request) ?? await CosignAsync(request);
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    private bool IsSigned(SignedNote note)
    {
        var named = keys.Where(trusted => note.SignaturesOf(trusted).Any()).ToList();
        return named.Count > 0 && named.All(trusted => EcdsaNote.Verify(note, trusted));
    }

    private WitnessReply? Refuse(AddCheckpointRequest request)
    {
        var (known, submitted) = (state, request.Checkpoint);
        var sameTree = submitted.Root.Span.SequenceEqual(known.Root);
        if (submitted.Size == known.Size && !sameTree)
        {
            // The log has signed two trees of one size: whatever the request's old size is, this is the proof.
            evidence.KeepFork(known.Note!, request);
            return WitnessReply.Conflict(known.Size);
        }

        if (request.OldSize != known.Size) return WitnessReply.Conflict(known.Size);
        if (Continues(known, request)) return null;
        if (known.Size > 0 && submitted.Size > known.Size) evidence.KeepUnproven(known.Note!, request);
        return WitnessReply.NotConsistent;
    }

    private static bool Continues(WitnessState known, AddCheckpointRequest request)
    {
        // Every tree continues the one without leaves, and there is no proof of it.
        if (known.Size == 0 || request.Checkpoint.Size == known.Size) return request.Proof.Length == 0;
        return ConsistencyProof.Verify(known.Size, request.Checkpoint.Size, known.Root, request.Checkpoint.Root.Span, request.Proof);
    }

    private async Task<WitnessReply> CosignAsync(AddCheckpointRequest request)
    {
        var now = clock.GetUtcNow();
        // A cosignature says "the largest seen at that time", which must stay true when a clock is set back.
        var time = now > state.Time ? now : state.Time;
        if (state.Note?.Text == request.Note.Text && time.ToUnixTimeSeconds() == state.Time.ToUnixTimeSeconds())
            return WitnessReply.Cosigned(OwnLine(state.Note));
        WitnessState next;
        try
        {
            next = new WitnessState(await CosignedAsync(request.Note, time), request.Checkpoint, time);
            DurableFiles.Stage(file, next.ToBytes(Origin));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or OpenSslFailure)
        {
            logger.LogError("{Origin}: the checkpoint of size {Size} could not be cosigned and kept; nothing has changed. {Problem}", Origin, request.Checkpoint.Size, failure.Message);
            return WitnessReply.Stopped("The witness can't sign or write now. Try again later.");
        }

        return Publish(next);
    }

    // Only what was verified is kept: strangers may add signature lines, in this witness's name too.
    private async Task<SignedNote> CosignedAsync(SignedNote note, DateTimeOffset time) =>
        new(note.Text, [.. keys.Select(trusted => note.SignaturesOf(trusted).FirstOrDefault()).OfType<NoteSignature>(), await key.CosignAsync(note, time)]);

    private WitnessReply Publish(WitnessState next)
    {
        try
        {
            DurableFiles.Publish(file);
            state = next;
            return WitnessReply.Cosigned(OwnLine(next.Note!));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            stopped = "The witness's disk failed; it does not cosign for this log until it is restarted.";
            logger.LogCritical("{Origin}: {File} may or may not be durable. Look at the disk, then restart the witness: it goes on from what is there. {Problem}", Origin, file, failure.Message);
            return WitnessReply.Stopped(stopped);
        }
    }

    private string OwnLine(SignedNote note) => note.SignaturesOf(key.Verifier).Last() + "\n";
}
