using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CoffreFort.Cryptography;

namespace CoffreFort.Specs.Vectors;

/// <summary>Containers (docs/spec/container.md), one wrong thing each.</summary>
internal static class ContainerVectors
{
    private const string Failure = nameof(CryptographicFailure);
    private const int Chunk = ContainerLayout.ChunkLength;
    private const int SealedChunk = ContainerLayout.SealedChunkLength;
    private const int Header = ContainerLayout.HeaderLength;

    private static readonly byte[] s_key = Seeded.Bytes("container key", 32);
    private static readonly DocumentIdentity s_place = new(Seeded.Id("vault"), Seeded.Id("document"), 3);

    /// <summary>Two full chunks and a short one, one and a half, one exactly, and a little one.</summary>
    private static readonly byte[] s_three = Plaintext(2 * Chunk + 100), s_two = Plaintext(Chunk + 77), s_exact = Plaintext(Chunk), s_short = Plaintext(100);

    public static IEnumerable<Vector> All() => [.. Whole(), .. Lengths(), .. Headers(), .. WrongPlaces(), .. Damaged(), .. Rearranged(), .. OtherConstructions()];

    private static IEnumerable<Vector> Whole() =>
        from length in new[] { 0, 1, 100, Chunk - 1, Chunk, Chunk + 1, 2 * Chunk, 2 * Chunk + 100 }
        select Opens($"whole-{length}", $"A plaintext of {length} bytes.", Seal(Plaintext(length)), Plaintext(length));

    private static IEnumerable<Vector> Lengths()
    {
        var (one, two, exact) = (Seal(s_short), Seal(s_two), Seal(s_exact));
        foreach (var length in new[] { 0, 1, 23, 24, 55, 56, 71 })
            yield return Refused($"length-{length}", $"Only the first {length} bytes: no container is that short.", one[..length]);
        yield return Refused("length-no-tag", "The last chunk has 15 bytes: less than a tag.", two[..(Header + SealedChunk + 15)]);
        yield return Refused("length-full-last", "It ends with a full chunk: the empty last one, which marks the end, is missing.", exact[..(Header + SealedChunk)]);
        yield return Refused("length-full-last-2", "It ends with the second of two full chunks.", Seal(Plaintext(2 * Chunk))[..(Header + 2 * SealedChunk)]);
        yield return Refused("cut-last-chunk", "The short last chunk is missing: what is left ends with a full one.", two[..(Header + SealedChunk)]);
        yield return Refused("cut-1", "The last byte is missing.", two[..^1], s_two[..Chunk]);
        yield return Refused("cut-16", "The last 16 bytes are missing.", two[..^16], s_two[..Chunk]);
        yield return Refused("cut-to-tag", "The last chunk has 16 bytes, which would be an empty one's tag.", two[..(Header + SealedChunk + 16)], s_two[..Chunk]);
        yield return Refused("longer-1", "A byte follows.", [.. two, 0], s_two[..Chunk]);
        yield return Refused("longer-16", "Sixteen bytes follow, which would be an empty chunk's tag.", [.. two, .. new byte[16]], s_two[..Chunk]);
        yield return Refused("longer-chunk", "The last chunk follows once more.", [.. two, .. two[(Header + SealedChunk)..]], s_two[..Chunk]);
        yield return Refused("longer-container", "The same container follows.", [.. one, .. one]);
        yield return Refused("in-front", "A byte stands in front.", [0, .. two]);
    }

    private static IEnumerable<Vector> Headers()
    {
        var two = Seal(s_two);
        foreach (var at in new[] { 0, 23 }) yield return Refused($"salt-{at}", $"A bit of the salt's byte {at} is another one.", two.Flip(at));
        foreach (var at in new[] { 24, 55 }) yield return Refused($"commitment-{at}", $"A bit of the commitment, at byte {at}, is another one.", two.Flip(at, 0x80));
        yield return Refused("commitment-zero", "The commitment is all zeros, the chunks are right.", [.. two[..24], .. new byte[32], .. two[56..]]);
        yield return Refused("commitment-of-another-key", "The commitment is that of another key, the chunks are right.", [.. two[..24], .. Seal(s_two, key: Seeded.Bytes("another", 32))[24..56], .. two[56..]]);
        yield return Refused("salt-of-another", "The salt is another container's under the same key.", [.. Seal(s_two, salt: "another")[..24], .. two[24..]]);
        yield return Refused("header-of-another", "Salt and commitment are another container's under the same key.", [.. Seal(s_two, salt: "another")[..56], .. two[56..]]);
    }

    private static IEnumerable<Vector> WrongPlaces()
    {
        var two = Seal(s_two);
        yield return Refused("other-key", "The key is another one.", two, with: With(Seeded.Bytes("another", 32), s_place));
        yield return Refused("key-31", "The key has 31 bytes.", two, with: With(s_key[..31], s_place));
        yield return Refused("key-33", "The key has 33 bytes.", two, with: With([.. s_key, 0], s_place));
        yield return Refused("other-vault", "It is said to be in another vault.", two, with: With(s_key, s_place with { Vault = Seeded.Id("another") }));
        yield return Refused("other-document", "It is said to be another document's.", two, with: With(s_key, s_place with { Document = Seeded.Id("another") }));
        yield return Refused("other-version", "It is said to be another version's.", two, with: With(s_key, s_place with { Version = 4 }));
        yield return Refused("exchanged-ids", "Vault and document are exchanged.", two, with: With(s_key, new DocumentIdentity(s_place.Document, s_place.Vault, 3)));
        yield return Refused("version-little-endian", "The version was written least significant byte first.", Raw.Seal(s_two, s_key, Context(version: [3, 0, 0, 0])));
        yield return Refused("context-without-label", "The context has no label.", Raw.Seal(s_two, s_key, s_place.ContainerContext()[18..]));
        yield return Refused("context-empty", "The context is empty.", Raw.Seal(s_two, s_key, []));
        yield return Refused("ids-mixed-endian", "The ids were written as Windows does it.", Raw.Seal(s_two, s_key, [.. "coffrefort/doc/v1\0"u8, .. s_place.Vault.ToByteArray(), .. s_place.Document.ToByteArray(), 0, 0, 0, 3]));
    }

    private static IEnumerable<Vector> Damaged()
    {
        var three = Seal(s_three);
        (string Name, string What, int At, int Chunks)[] places =
        [
            ("chunk-0-first", "the first byte of chunk 0", Header, 0), ("chunk-0-last", "the last byte of chunk 0", Header + Chunk - 1, 0),
            ("tag-0-first", "the first byte of tag 0", Header + Chunk, 0), ("tag-0-last", "the last byte of tag 0", Header + SealedChunk - 1, 0),
            ("chunk-1-first", "the first byte of chunk 1", Header + SealedChunk, 1), ("chunk-1-middle", "a byte in the middle of chunk 1", Header + SealedChunk + 8000, 1),
            ("tag-1-last", "the last byte of tag 1", Header + 2 * SealedChunk - 1, 1), ("chunk-2-first", "the first byte of the last chunk", Header + 2 * SealedChunk, 2),
            ("tag-2-first", "the first byte of the last tag", three.Length - 16, 2), ("tag-2-last", "the last byte of all", three.Length - 1, 2),
        ];
        foreach (var (name, what, at, chunks) in places)
            yield return Refused($"flip-{name}", $"A bit is another one in {what}.", three.Flip(at, 0x10), s_three[..(chunks * Chunk)]);
        yield return Refused("flip-empty-last", "A bit is another one in the tag of an empty last chunk.", Seal(s_exact).Flip(-1), s_exact);
        yield return Refused("flip-empty-whole", "A bit is another one in the only tag of an empty plaintext.", Seal([]).Flip(-1));
        yield return Refused("zero-tag-1", "Tag 1 is all zeros.", [.. three[..(Header + SealedChunk + Chunk)], .. new byte[16], .. three[(Header + 2 * SealedChunk)..]], s_three[..Chunk]);
        yield return Refused("zero-chunk-1", "Chunk 1 is all zeros, tag and all.", [.. three[..(Header + SealedChunk)], .. new byte[SealedChunk], .. three[(Header + 2 * SealedChunk)..]], s_three[..Chunk]);
    }

    private static IEnumerable<Vector> Rearranged()
    {
        var (header, chunks) = Parts(Seal(s_three));
        var (_, others) = Parts(Seal(s_three, salt: "another"));
        byte[] Join(params byte[][] parts) => [.. header, .. parts.SelectMany(part => part)];
        yield return Refused("exchanged-0-1", "Chunks 0 and 1 are exchanged.", Join(chunks[1], chunks[0], chunks[2]));
        yield return Refused("twice-0", "Chunk 0 stands in the place of chunk 1 too.", Join(chunks[0], chunks[0], chunks[2]), s_three[..Chunk]);
        yield return Refused("dropped-0", "Chunk 0 is missing.", Join(chunks[1], chunks[2]));
        yield return Refused("dropped-1", "Chunk 1 is missing.", Join(chunks[0], chunks[2]), s_three[..Chunk]);
        yield return Refused("added-0", "Chunk 0 stands there twice.", Join(chunks[0], chunks[0], chunks[1], chunks[2]), s_three[..Chunk]);
        yield return Refused("last-first", "The last chunk stands alone.", Join(chunks[2]));
        yield return Refused("foreign-0", "Chunk 0 is another container's under the same key.", Join(others[0], chunks[1], chunks[2]));
        yield return Refused("foreign-1", "Chunk 1 is another container's under the same key.", Join(chunks[0], others[1], chunks[2]), s_three[..Chunk]);
        yield return Refused("foreign-2", "The last chunk is another container's under the same key.", Join(chunks[0], chunks[1], others[2]), s_three[..(2 * Chunk)]);
        yield return Refused("shorter-last", "The last chunk is a whole one of a shorter plaintext.", Join(chunks[0], chunks[1], Parts(Seal(s_short)).Chunks[0]), s_three[..(2 * Chunk)]);
    }

    private static IEnumerable<Vector> OtherConstructions()
    {
        var context = s_place.ContainerContext();
        yield return Opens("independent", "Made from the primitives alone, as the specification says it.", Raw.Seal(s_two, s_key, context), s_two);
        yield return Refused("other-label", "The key schedule has another label.", Raw.Seal(s_two, s_key, context, new Raw.Way { Label = "c2sp.org/chunked-encryption@v1+AEAD_CHACHA20_POLY1305" }));
        yield return Refused("hkdf-sha256", "The key schedule expands with SHA-256.", Raw.Seal(s_two, s_key, context, new Raw.Way { Hash = HashAlgorithmName.SHA256 }));
        yield return Refused("no-separator", "The label is not ended by a zero.", Raw.Seal(s_two, s_key, context, new Raw.Way { NoSeparator = true }));
        yield return Refused("associated-data", "Each chunk has its number as associated data.", Raw.Seal(s_two, s_key, context, new Raw.Way { AssociatedData = true }));
        yield return Refused("counter-from-1", "The chunks are numbered from 1.", Raw.Seal(s_two, s_key, context, new Raw.Way { First = 1 }));
        yield return Refused("counter-added", "The number is in the nonce's first bytes, not its last.", Raw.Seal(s_two, s_key, context, new Raw.Way { CounterInFront = true }), s_two[..Chunk]);
        yield return Refused("constant-nonce", "All chunks have the nonce of chunk 0.", Raw.Seal(s_two, s_key, context, new Raw.Way { ConstantNonce = true }), s_two[..Chunk]);
        yield return Refused("full-last-chunk", "The last chunk is full, and no empty one follows.", Raw.Seal(s_exact, s_key, context, new Raw.Way { NoEmptyLast = true }));
        yield return Refused("chunks-of-8192", "The chunks have 8192 bytes.", Raw.Seal(s_two, s_key, context, new Raw.Way { Chunk = 8192 }));
        yield return Refused("short-chunk-in-the-middle", "A short chunk stands before the last one.", Raw.Seal(s_two, s_key, context, new Raw.Way { FirstChunk = 1000 }));
    }

    private static Vector Opens(string name, string about, byte[] container, byte[] plaintext) => new("container", name, about, null, plaintext, With(s_key, s_place), container);

    private static Vector Refused(string name, string about, byte[] container, byte[]? released = null, JsonObject? with = null) =>
        new("container", name, about, Failure, released ?? [], with ?? With(s_key, s_place), container);

    private static JsonObject With(byte[] key, DocumentIdentity place) => new()
    {
        ["key"] = Seeded.Hex(key),
        ["vault"] = place.Vault,
        ["document"] = place.Document,
        ["version"] = place.Version,
    };

    private static byte[] Plaintext(int length) => Seeded.Bytes("plaintext", length);

    private static byte[] Context(byte[] version) => [.. s_place.ContainerContext()[..^4], .. version];

    private static (byte[] Header, byte[][] Chunks) Parts(byte[] container) => (container[..Header], [.. container[Header..].Chunk(SealedChunk)]);

    private static byte[] Seal(byte[] plaintext, byte[]? key = null, string salt = "salt")
    {
        using var secret = SecretKey.CopyOf(key ?? s_key);
        using var sealer = new ContainerSealer(secret, s_place.ContainerContext(), Seeded.Bytes(salt, ContainerLayout.SaltLength));
        var container = new byte[ContainerLayout.SealedLength(plaintext.Length)];
        sealer.WriteHeader(container);
        var written = Header;
        var rest = plaintext.AsSpan();
        for (; rest.Length >= Chunk; rest = rest[Chunk..]) written += sealer.SealChunk(rest[..Chunk], container.AsSpan(written));
        sealer.SealFinalChunk(rest, container.AsSpan(written));
        return container;
    }
}
