using System.Security.Cryptography;

namespace CoffreFort.Transparency;

/// <summary>Signing and verifying notes with ECDSA P-256 over SHA-256 (C2SP signed-note, signature type 0x02).</summary>
/// <remarks>
/// The signature is DER over exactly the note's text, so <c>openssl dgst -sha256 -verify</c> verifies it with the text, the signature bytes
/// and the public key in three files. Stateless; calls with one key object must not overlap unless the key object allows it.
/// </remarks>
public static class EcdsaNote
{
    /// <summary>The signature type's identifier.</summary>
    public const byte Type = 0x02;

    /// <summary>The verifier key that belongs to a key pair.</summary>
    /// <param name="name">The key's name; a log's is its origin.</param>
    /// <param name="key">A P-256 key; the private part is not looked at.</param>
    /// <exception cref="FormatException">The name is not one, or the key is of another curve.</exception>
    public static NoteVerifierKey VerifierKey(string name, ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return NoteVerifierKey.Create(name, Type, key.ExportSubjectPublicKeyInfo());
    }

    /// <summary>Signs a note's text.</summary>
    /// <param name="text">The text with its final line feed.</param>
    /// <param name="name">The key's name.</param>
    /// <param name="key">A P-256 key with its private part.</param>
    /// <exception cref="FormatException">The name is not one, or the key is of another curve.</exception>
    /// <exception cref="CryptographicException">The key cannot sign.</exception>
    public static NoteSignature Sign(string text, string name, ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(text);
        NoteVerifierKey verifier = VerifierKey(name, key);
        byte[] signature = key.SignData(NoteText.Encode(text), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return new NoteSignature(name, verifier.KeyId, signature);
    }

    /// <summary>Whether a note is signed by a key: at least one of its signatures names the key, and every one that does is right.</summary>
    /// <remarks>Signatures of other keys do not matter, whatever they hold. Never throws for what a stranger sent.</remarks>
    /// <param name="note">The note.</param>
    /// <param name="key">A trusted key of type <see cref="Type"/>.</param>
    /// <exception cref="ArgumentException">The key is of another type.</exception>
    public static bool Verify(SignedNote note, NoteVerifierKey key)
    {
        ArgumentNullException.ThrowIfNull(note);
        ArgumentNullException.ThrowIfNull(key);
        if (key.Type != Type) throw new ArgumentException("The key is not an ECDSA key.", nameof(key));
        NoteSignature[] signatures = [.. note.SignaturesOf(key)];
        if (signatures.Length == 0) return false;
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(key.PublicKey.Span, out _);
        return signatures.All(signature => Verifies(ecdsa, note.TextBytes.Span, signature.Bytes.Span));
    }

    private static bool Verifies(ECDsa key, ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature)
    {
        try
        {
            return key.VerifyData(text, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
