using System.Buffers.Binary;
using System.Globalization;

namespace CoffreFort.Transparency;

/// <summary>A witness's timestamped Ed25519 signature under a checkpoint (C2SP tlog-cosignature, cosignature/v1, signature type 0x04).</summary>
/// <remarks>
/// It says: at that time, this was the largest consistent tree the witness had seen of that log. The signature's bytes are a big-endian u64 of
/// seconds since 1970 and 64 bytes of Ed25519 over <see cref="Message"/>. Stateless, callable from any thread.
/// </remarks>
public static class Cosignature
{
    /// <summary>The signature type's identifier.</summary>
    public const byte Type = 0x04;

    private const int TimeLength = 8;

    /// <summary>The verifier key of a witness.</summary>
    /// <param name="name">The witness's name.</param>
    /// <param name="publicKey">Its Ed25519 key, 32 bytes (<see cref="Ed25519.PublicKeyAsync"/>).</param>
    /// <exception cref="FormatException">The name is not one, or the key is not 32 bytes.</exception>
    public static NoteVerifierKey VerifierKey(string name, ReadOnlySpan<byte> publicKey) => NoteVerifierKey.Create(name, Type, publicKey);

    /// <summary>The bytes that are signed: the line <c>cosignature/v1</c>, the line <c>time</c> and the seconds, and the note's text.</summary>
    /// <param name="seconds">Seconds since 1970-01-01T00:00:00Z, not negative.</param>
    /// <param name="noteText">The checkpoint's text as UTF-8, with its final line feed.</param>
    public static byte[] Message(long seconds, ReadOnlySpan<byte> noteText) =>
        [.. NoteText.Encode(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {seconds}\n")), .. noteText];

    /// <summary>Cosigns a checkpoint. The signature is verified before it is returned, so that a key file of another key cannot go unnoticed.</summary>
    /// <param name="note">The checkpoint's note. That it is one, and consistent, is the caller's to have checked.</param>
    /// <param name="key">The witness's verifier key.</param>
    /// <param name="privateKeyFile">The file of the private key that belongs to it, PEM.</param>
    /// <param name="time">When; rounded down to the second.</param>
    /// <param name="ed25519">The signer.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="ArgumentException">The key is of another type, or the time lies before 1970.</exception>
    /// <exception cref="OpenSslFailure">Signing failed, or the private key is not the verifier key's.</exception>
    public static async Task<NoteSignature> SignAsync(
        SignedNote note, NoteVerifierKey key, string privateKeyFile, DateTimeOffset time, Ed25519 ed25519, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(note);
        ArgumentNullException.ThrowIfNull(ed25519);
        RequireType(key);
        long seconds = time.ToUnixTimeSeconds();
        ArgumentOutOfRangeException.ThrowIfNegative(seconds, nameof(time));

        byte[] message = Message(seconds, note.TextBytes.Span);
        byte[] signature = await ed25519.SignAsync(privateKeyFile, message, cancellation).ConfigureAwait(false);
        if (!await ed25519.VerifyAsync(key.PublicKey, message, signature, cancellation).ConfigureAwait(false))
            throw new OpenSslFailure($"The private key in {privateKeyFile} is not that of {key.Name}.");
        var content = new byte[TimeLength + signature.Length];
        BinaryPrimitives.WriteInt64BigEndian(content, seconds);
        signature.CopyTo(content, TimeLength);
        return new NoteSignature(key.Name, key.KeyId, content);
    }

    /// <summary>When a witness cosigned a note; null unless exactly one of the note's signatures names the witness's key and that one is right.</summary>
    /// <remarks>Signatures of other keys do not matter. Whether the time is believable is the caller's to judge. Never throws for what a stranger sent.</remarks>
    /// <param name="note">The note.</param>
    /// <param name="key">The witness's key, of type <see cref="Type"/>, from a source that is trusted.</param>
    /// <param name="ed25519">The verifier.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="ArgumentException">The key is of another type.</exception>
    /// <exception cref="OpenSslFailure">OpenSSL is missing or failed, so that nothing is known.</exception>
    public static async Task<DateTimeOffset?> VerifyAsync(SignedNote note, NoteVerifierKey key, Ed25519 ed25519, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(note);
        ArgumentNullException.ThrowIfNull(ed25519);
        RequireType(key);
        if (note.SignaturesOf(key).ToArray() is not [{ Bytes.Length: TimeLength + Ed25519.SignatureLength } signature]) return null;
        long seconds = BinaryPrimitives.ReadInt64BigEndian(signature.Bytes.Span);
        if (seconds < 0 || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds()) return null;
        byte[] message = Message(seconds, note.TextBytes.Span);
        return await ed25519.VerifyAsync(key.PublicKey, message, signature.Bytes[TimeLength..], cancellation).ConfigureAwait(false)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
    }

    private static void RequireType(NoteVerifierKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Type != Type) throw new ArgumentException("The key is not a witness's Ed25519 key.", nameof(key));
    }
}
