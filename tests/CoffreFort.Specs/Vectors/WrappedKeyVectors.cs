using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CoffreFort.Cryptography;

namespace CoffreFort.Specs.Vectors;

/// <summary>Wrapped keys (docs/spec/keys.md §2).</summary>
internal static class WrappedKeyVectors
{
    private static readonly byte[] s_parent = Seeded.Bytes("parent", 32), s_child = Seeded.Bytes("child", 32);
    private static readonly Row s_row = new(KeyPurpose.Document, Seeded.Id("vault"), Seeded.Id("document"), 3);

    private sealed record Row(KeyPurpose Purpose, Guid Vault, Guid Object, uint Version);

    public static IEnumerable<Vector> All() => [.. Whole(), .. Moved(), .. Damaged(), .. OtherConstructions()];

    private static IEnumerable<Vector> Whole()
    {
        foreach (var purpose in Enum.GetValues<KeyPurpose>())
            yield return Opens($"purpose-{(int)purpose}", $"A key of purpose {(int)purpose}.", s_row with { Purpose = purpose }, s_child);
        foreach (var length in new[] { 1, 8, 9, 16, 31, 33 })
            yield return Opens($"child-{length}", $"A child of {length} bytes: RFC 5649 pads it.", s_row, Seeded.Bytes("child", length));
        yield return Opens("version-0", "Version 0.", s_row with { Version = 0 }, s_child);
        yield return Opens("version-highest", "The highest version.", s_row with { Version = uint.MaxValue }, s_child);
    }

    private static IEnumerable<Vector> Moved()
    {
        (string Name, string What, Row Row)[] rows =
        [
            ("purpose-1", "purpose", s_row with { Purpose = KeyPurpose.Vault }), ("purpose-3", "purpose", s_row with { Purpose = KeyPurpose.Subject }),
            ("purpose-4", "purpose", s_row with { Purpose = KeyPurpose.Commitment }), ("vault", "vault", s_row with { Vault = Seeded.Id("another") }),
            ("object", "object", s_row with { Object = Seeded.Id("another") }), ("version", "version", s_row with { Version = 4 }),
            ("exchanged", "place: vault and object are exchanged", s_row with { Vault = s_row.Object, Object = s_row.Vault }),
        ];
        foreach (var (name, what, row) in rows) yield return Refused($"moved-{name}", $"It was wrapped for another {what}.", Wrap(s_row, s_child), row);
        yield return Refused("other-parent", "The parent is another one.", Wrap(s_row, s_child), parent: Seeded.Bytes("another", 32));
        yield return Refused("parent-31", "The parent has 31 bytes.", Wrap(s_row, s_child), parent: s_parent[..31]);
    }

    private static IEnumerable<Vector> Damaged()
    {
        var wrapped = Wrap(s_row, s_child);
        foreach (var at in new[] { 0, 7, 8, 39 }) yield return Refused($"flip-{at}", $"A bit is another one in byte {at}.", wrapped.Flip(at, 4));
        yield return Refused("empty", "There is nothing.", []);
        yield return Refused("length-8", "Only the first 8 bytes.", wrapped[..8]);
        yield return Refused("length-16", "Only the first 16 bytes.", wrapped[..16]);
        yield return Refused("length-39", "The last byte is missing.", wrapped[..^1]);
        yield return Refused("length-41", "A byte follows.", [.. wrapped, 0]);
        yield return Refused("length-48", "Eight bytes follow.", [.. wrapped, .. new byte[8]]);
        yield return Refused("zeros", "All bytes are zero.", new byte[40]);
    }

    private static IEnumerable<Vector> OtherConstructions()
    {
        yield return Opens("independent", "Made from AES alone, as RFC 5649 says it.", s_row, s_child, Blocks(Kek(Info()), Initial(32), s_child));
        yield return Refused("length-says-31", "The length inside says 31, and the byte after it is not zero.", Blocks(Kek(Info()), Initial(31), s_child));
        yield return Refused("length-says-33", "The length inside says 33: more than there is.", Blocks(Kek(Info()), Initial(33), s_child));
        yield return Refused("length-says-24", "The length inside says 24: a block too many.", Blocks(Kek(Info()), Initial(24), [.. s_child[..24], .. new byte[8]]));
        yield return Refused("length-says-0", "The length inside says 0.", Blocks(Kek(Info()), Initial(0), new byte[32]));
        yield return Refused("rfc-3394", "Wrapped without padding (RFC 3394).", Blocks(Kek(Info()), [.. Enumerable.Repeat((byte)0xA6, 8)], s_child));
        yield return Refused("other-constant", "The constant inside is another one.", Blocks(Kek(Info()), [0xA6, 0x59, 0x59, 0xA7, 0, 0, 0, 32], s_child));
        yield return Refused("under-the-parent", "Wrapped under the parent itself, without a derived key.", Blocks(s_parent, Initial(32), s_child));
        yield return Refused("other-label", "The wrapping key was derived with another label.", Blocks(Kek([.. "coffrefort/kek/v2"u8, .. Info()[17..]]), Initial(32), s_child));
        yield return Refused("version-little-endian", "The version was written least significant byte first.", Blocks(Kek([.. Info()[..^4], 3, 0, 0, 0]), Initial(32), s_child));
    }

    private static Vector Opens(string name, string about, Row row, byte[] child, byte[]? wrapped = null) =>
        new("wrapped-key", name, about, null, child, With(row, s_parent), wrapped ?? Wrap(row, child));

    private static Vector Refused(string name, string about, byte[] wrapped, Row? row = null, byte[]? parent = null) =>
        new("wrapped-key", name, about, nameof(CryptographicFailure), [], With(row ?? s_row, parent ?? s_parent), wrapped);

    private static JsonObject With(Row row, byte[] parent) => new()
    {
        ["parent"] = Seeded.Hex(parent),
        ["purpose"] = (int)row.Purpose,
        ["vault"] = row.Vault,
        ["object"] = row.Object,
        ["version"] = row.Version,
    };

    private static byte[] Wrap(Row row, byte[] child)
    {
        using var parent = SecretKey.CopyOf(s_parent);
        using var wrapped = SecretKey.CopyOf(child);
        return KeyWrapping.Wrap(parent, row.Purpose, row.Vault, row.Object, row.Version, wrapped);
    }

    private static byte[] Info() => [.. "coffrefort/kek/v1\0"u8, (byte)s_row.Purpose, .. s_row.Vault.ToByteArray(bigEndian: true), .. s_row.Object.ToByteArray(bigEndian: true), 0, 0, 0, 3];

    private static byte[] Kek(byte[] info) => HKDF.Expand(HashAlgorithmName.SHA256, s_parent, 32, info);

    /// <summary>RFC 5649 §3: the constant and the length.</summary>
    private static byte[] Initial(int length)
    {
        byte[] initial = [0xA6, 0x59, 0x59, 0xA6, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(initial.AsSpan(4), length);
        return initial;
    }

    /// <summary>RFC 3394 §2.2.1 with an initial value of the caller's.</summary>
    private static byte[] Blocks(byte[] key, byte[] initial, byte[] child)
    {
        using var aes = Aes.Create();
        aes.SetKey(key);
        byte[] wrapped = [.. initial, .. child];
        var block = new byte[16];
        for (ulong t = 1, n = (ulong)child.Length / 8; t <= 6 * n; t++)
        {
            var r = wrapped.AsSpan(8 * (1 + (int)((t - 1) % n)), 8);
            wrapped.AsSpan(0, 8).CopyTo(block);
            r.CopyTo(block.AsSpan(8));
            aes.EncryptEcb(block, block, PaddingMode.None);
            block.AsSpan(8).CopyTo(r);
            BinaryPrimitives.WriteUInt64BigEndian(wrapped, BinaryPrimitives.ReadUInt64BigEndian(block) ^ t);
        }

        return wrapped;
    }
}
