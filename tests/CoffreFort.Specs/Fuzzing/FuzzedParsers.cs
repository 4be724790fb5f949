using System.Security.Cryptography;
using CoffreFort.Cryptography;
using CoffreFort.Specs.Vectors;
using CoffreFort.Transparency;

namespace CoffreFort.Specs.Fuzzing;

/// <summary>Whatever reads a stranger's bytes here, seeded with the vectors that open.</summary>
internal static class FuzzedParsers
{
    public static IReadOnlyList<FuzzedParser> All { get; } =
    [
        Container(), WrappedKey(), PersonalEnvelope(), .. FuzzedMessages.All(), .. FuzzedIssuers.All(),
        new("note", Shape.Note, Inputs("note"), Note), new("checkpoint", Shape.Note, Inputs("checkpoint"), SignedCheckpoint), new("checkpoint-text", Shape.Note, Texts(), CheckpointText),
        new("verifier-key", Shape.Note, [Key()], VerifierKey), new("proof", Shape.Note, Proofs(), Proof),
    ];

    public static byte[][] Inputs(string format) => [.. Opening(format).Select(file => file.Input)];

    public static IEnumerable<VectorFile> Opening(string format) => VectorFile.Of(format).Where(file => file.Fault is null);

    private static FuzzedParser Container()
    {
        var one = Opening("container").First();
        var place = new DocumentIdentity(one.Id("vault"), one.Id("document"), one.Number("version"));
        var key = SecretKey.CopyOf(one.Hex("key"));
        // Most of them short: what is long is only slower.
        var seeds = Inputs("container").OrderBy(input => input.Length).ToArray();
        // A stream is read in batches, and the pool may give a batch's buffers anew.
        return new("container", Shape.Bytes, [.. seeds[..3], .. seeds[..3], .. seeds[..6]], input => Refusing<CryptographicFailure>(() =>
        {
            using var plaintext = new MemoryStream();
            using var opener = new ContainerOpener(key, place.ContainerContext(), input.AsSpan(0, Math.Min(input.Length, ContainerLayout.HeaderLength)), input.Length);
            opener.OpenRangeAsync(new MemoryStream(input, ContainerLayout.HeaderLength, input.Length - ContainerLayout.HeaderLength), 0, opener.PlaintextLength, plaintext).GetAwaiter().GetResult();
            return Same(input, Seal(key, place, input[..ContainerLayout.SaltLength], plaintext.ToArray()));
        }));
    }

    private static byte[] Seal(SecretKey key, DocumentIdentity place, byte[] salt, byte[] plaintext)
    {
        using var sealer = new ContainerSealer(key, place.ContainerContext(), salt);
        var container = new byte[ContainerLayout.SealedLength(plaintext.Length)];
        sealer.WriteHeader(container);
        var at = ContainerLayout.HeaderLength;
        var rest = plaintext.AsSpan();
        for (; rest.Length >= ContainerLayout.ChunkLength; rest = rest[ContainerLayout.ChunkLength..]) at += sealer.SealChunk(rest[..ContainerLayout.ChunkLength], container.AsSpan(at));
        sealer.SealFinalChunk(rest, container.AsSpan(at));
        return container;
    }

    private static FuzzedParser WrappedKey()
    {
        var one = Opening("wrapped-key").First(file => file.Path.EndsWith("child-16.json", StringComparison.Ordinal));
        var parent = SecretKey.CopyOf(one.Hex("parent"));
        var (purpose, vault, id, version) = ((KeyPurpose)one.Number("purpose"), one.Id("vault"), one.Id("object"), one.Number("version"));
        return new("wrapped-key", Shape.Bytes, Inputs("wrapped-key"), input => Refusing<CryptographicFailure>(() =>
        {
            using var key = KeyWrapping.Unwrap(parent, purpose, vault, id, version, input);
            return Same(input, KeyWrapping.Wrap(parent, purpose, vault, id, version, key));
        }));
    }

    private static FuzzedParser PersonalEnvelope()
    {
        var one = Opening("personal-envelope").First();
        var key = SecretKey.CopyOf(one.Hex("subjectKey"));
        var at = new FieldCoordinates(one.Id("event"), one.Text("type"), one.Id("stream"), one.Number("version"));
        var fields = Inputs("personal-envelope");
        return new("personal-envelope", Shape.Bytes, fields, input => Refusing<CryptographicFailure>(() =>
        {
            var field = CoffreFort.Cryptography.PersonalEnvelope.Open(key, one.Id("keyId"), one.Number("generation"), at, input);
            // It is sealed under a nonce that nobody can choose; so it is compared with those that were.
            return field.Length == input.Length - CoffreFort.Cryptography.PersonalEnvelope.Overhead && fields.Any(good => good.AsSpan().SequenceEqual(input)) ? Verdict.RoundTrips : Verdict.Differs;
        }));
    }

    private static Verdict Note(byte[] input)
    {
        if (!SignedNote.TryParse(input, out var note, out var fault)) return fault.Length > 0 ? Verdict.Refused : Verdict.Differs;
        var verifier = NoteVerifierKey.Parse(Opening("note").First().Text("verifierKey"));
        _ = EcdsaNote.Verify(note, verifier);
        return Same(input, note.ToBytes());
    }

    private static Verdict SignedCheckpoint(byte[] input)
    {
        var verifier = NoteVerifierKey.Parse(Opening("checkpoint").First().Text("verifierKey"));
        if (!Checkpoint.TryOpen(input, verifier, out var note, out var checkpoint, out var fault)) return fault.Length > 0 ? Verdict.Refused : Verdict.Differs;
        var genuine = Texts().Any(text => text.AsSpan().SequenceEqual(note.TextBytes.Span));
        return genuine && checkpoint.ToString() == note.Text ? Same(input, note.ToBytes()) : Verdict.Differs;
    }

    private static byte[][] Texts() => [.. Opening("checkpoint").Select(file => SignedNote.Parse(file.Input).TextBytes.ToArray())];

    private static Verdict CheckpointText(byte[] input)
    {
        if (!System.Text.Unicode.Utf8.IsValid(input)) return Verdict.Refused;
        var text = System.Text.Encoding.UTF8.GetString(input);
        return Checkpoint.TryParse(text, out var checkpoint, out _) ? Same(input, System.Text.Encoding.UTF8.GetBytes(checkpoint.ToString())) : Verdict.Refused;
    }

    private static byte[] Key() => System.Text.Encoding.UTF8.GetBytes(Opening("note").First().Text("verifierKey"));

    private static Verdict VerifierKey(byte[] input)
    {
        if (!System.Text.Unicode.Utf8.IsValid(input)) return Verdict.Refused;
        var text = System.Text.Encoding.UTF8.GetString(input);
        return NoteVerifierKey.TryParse(text, out var key, out _) ? Same(input, System.Text.Encoding.UTF8.GetBytes(key.ToString())) : Verdict.Refused;
    }

    private static byte[][] Proofs() =>
    [
        .. from count in new[] { 0, 1, 5, 63 }
           let hashes = Enumerable.Range(0, count).Select(number => SHA256.HashData([(byte)number])).ToList()
           select System.Text.Encoding.UTF8.GetBytes(new TlogProof(count, hashes, SignedNote.Parse(Inputs("checkpoint")[0])).ToString()),
    ];

    /// <summary>Extra data is left out when it is read: then the rest must be the same.</summary>
    private static Verdict Proof(byte[] input)
    {
        if (TlogProof.Parse(input) is not { } proof) return Verdict.Refused;
        var lines = System.Text.Encoding.UTF8.GetString(input).Split('\n').ToList();
        if (lines[1].StartsWith("extra ", StringComparison.Ordinal)) lines.RemoveAt(1);
        return proof.ToString() == string.Join('\n', lines) ? Verdict.RoundTrips : Verdict.Differs;
    }

    public static Verdict Same(ReadOnlySpan<byte> input, ReadOnlySpan<byte> written) => input.SequenceEqual(written) ? Verdict.RoundTrips : Verdict.Differs;

    /// <summary>Refused by just this failure.</summary>
    public static Verdict Refusing<TFailure>(Func<Verdict> read) where TFailure : Exception
    {
        try
        {
            return read();
        }
        catch (TFailure)
        {
            return Verdict.Refused;
        }
    }
}
