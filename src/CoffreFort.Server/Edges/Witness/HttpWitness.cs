using System.Globalization;
using System.Net;
using System.Text;
using CoffreFort.Transparency;

namespace CoffreFort.Server.Edges.Witness;

/// <summary>A witness reached over HTTP as C2SP tlog-witness says (<c>coffrefort witness</c>, or anybody's).</summary>
/// <param name="address">The submission prefix; <c>/add-checkpoint</c> comes after it.</param>
/// <param name="key">What its cosignatures are verified with.</param>
/// <param name="client">Its timeout bounds one try.</param>
/// <param name="ed25519">Verifies.</param>
public sealed class HttpWitness(Uri address, NoteVerifierKey key, HttpClient client, Ed25519 ed25519) : IWitness
{
    // A first guess, a right one, and room for another node that is quicker in between.
    private const int MostOldSizes = 5;
    private const string SizeType = "text/x.tlog.size";
    private static readonly TimeSpan[] pauses = [TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1)];

    private readonly Uri addCheckpoint = new($"{address.ToString().TrimEnd('/')}/add-checkpoint");
    private long lastSize;

    public string Name => key.Name;

    public async Task<WitnessAnswer> CosignAsync(string checkpoint, long size, ConsistencyProofs proofs, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(proofs);
        var old = Math.Min(Volatile.Read(ref lastSize), size);
        for (var attempt = 1; attempt <= MostOldSizes; attempt++)
        {
            var body = Body(old, old is 0 || old == size ? [] : await proofs(old, size, cancellation), checkpoint);
            var (status, content, type) = await AskAsync(body, cancellation);
            if (status != HttpStatusCode.Conflict) return await AnswerAsync(status, content, checkpoint, size, cancellation);
            if (type != SizeType) return new WitnessAnswer.Refused($"It answers 409 otherwise than a witness does ({type ?? "without a type"}, not {SizeType}): is the address right, and nothing in between? {Excerpt(content)}");
            if (!long.TryParse(content.TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var known))
                return new WitnessAnswer.Refused($"It answers 409 without saying what size it knows: {Excerpt(content)}");
            Volatile.Write(ref lastSize, known);
            if (known > size) return new WitnessAnswer.Ahead(known);
            if (known == old) return new WitnessAnswer.Forked($"It has cosigned another tree of {known} leaves: the log has forked.");
            old = known;
        }

        return new WitnessAnswer.Silent("Other checkpoints of this log reach it all the time.");
    }

    private async Task<WitnessAnswer> AnswerAsync(HttpStatusCode? status, string content, string checkpoint, long size, CancellationToken cancellation)
    {
        switch (status)
        {
            case HttpStatusCode.OK:
                var answer = await VerifiedAsync(content, checkpoint, cancellation);
                if (answer is WitnessAnswer.Cosigned) Volatile.Write(ref lastSize, size);
                return answer;
            case HttpStatusCode.Forbidden:
                return new WitnessAnswer.Refused($"It does not know the key that signed: {Excerpt(content)}");
            case HttpStatusCode.NotFound:
                return new WitnessAnswer.Refused($"It does not follow this log, or the address is wrong: {Excerpt(content)}");
            case HttpStatusCode.UnprocessableEntity:
                return new WitnessAnswer.Forked("The tree does not continue the one it has cosigned: events that it vouched for were changed or lost.");
            case HttpStatusCode.BadRequest:
                return new WitnessAnswer.Refused($"It does not understand the request: {Excerpt(content)}");
            default:
                return new WitnessAnswer.Silent(status is null ? content : $"It answers {(int)status}: {Excerpt(content)}");
        }
    }

    private async Task<WitnessAnswer> VerifiedAsync(string lines, string checkpoint, CancellationToken cancellation)
    {
        var submitted = SignedNote.Parse(Encoding.UTF8.GetBytes(checkpoint));
        if (!SignedNote.TryParse(Encoding.UTF8.GetBytes($"{submitted.Text}\n{lines}"), out var answered, out var fault) || answered.Text != submitted.Text)
            return new WitnessAnswer.Refused($"It answers something else than signature lines: {Excerpt(fault ?? lines)}");
        try
        {
            // Of several lines in its name (it may have several keys) the one of the configured key counts, and only if it is right.
            foreach (var signature in answered.SignaturesOf(key).Take(2))
                if (await Cosignature.VerifyAsync(new SignedNote(submitted.Text, [signature]), key, ed25519, cancellation) is not null)
                    return new WitnessAnswer.Cosigned($"{signature}\n");
        }
        catch (OpenSslFailure failure)
        {
            return new WitnessAnswer.Silent($"Its cosignature can't be verified here: {failure.Message}");
        }

        return new WitnessAnswer.Refused($"It answers no valid cosignature of {key}: is that its key?");
    }

    /// <summary>Status, body and type of the last try, or no status and what went wrong. To ask again is safe: a witness cosigns the same tree any number of times.</summary>
    private async Task<(HttpStatusCode? Status, string Content, string? Type)> AskAsync(byte[] body, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            var answer = await AskOnceAsync(body, cancellation);
            var passing = answer.Status is null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;
            if (!passing || attempt == pauses.Length) return answer;
            await Task.Delay(pauses[attempt], cancellation);
        }
    }

    private async Task<(HttpStatusCode? Status, string Content, string? Type)> AskOnceAsync(byte[] body, CancellationToken cancellation)
    {
        try
        {
            using var content = new ByteArrayContent(body);
            using var answer = await client.PostAsync(addCheckpoint, content, cancellation);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellation), answer.Content.Headers.ContentType?.MediaType);
        }
        catch (HttpRequestException failure)
        {
            return (null, $"It can't be reached: {failure.Message}", null);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, $"It did not answer within {client.Timeout.TotalSeconds:0} seconds.", null);
        }
    }

    private static byte[] Body(long old, byte[][] proof, string checkpoint) => Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"old {old}\n{string.Concat(proof.Select(hash => Convert.ToBase64String(hash) + "\n"))}\n{checkpoint}"));

    private static string Excerpt(string content) => content.Length <= 200 ? content.TrimEnd() : content[..200] + "…";
}
