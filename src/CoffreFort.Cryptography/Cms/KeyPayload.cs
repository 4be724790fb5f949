using System.Security.Cryptography;

namespace CoffreFort.Cryptography.Cms;

/// <summary>The key and all that goes with it (docs/spec/sealed-copy.md §7), as it is written. Byte strings are base 64.</summary>
internal sealed record KeyPayload(
    string Format, byte[] DocumentKey, byte[] CommitmentSecret, byte[] Context, Guid Vault, Guid Document, uint Version, long CiphertextLength, byte[] CiphertextSha256,
    byte[] Commitment, string FileName, string MediaType, Guid ConsentEvent, DateTimeOffset Expires)
{
    private const string Own = "coffrefort/sealed-key/v1";

    public static byte[] Write(DocumentKey key)
    {
        var payload = new KeyPayload(
            Own, key.Key.Bytes.ToArray(), key.Secret.Bytes.ToArray(), key.Identity.ContainerContext(), key.Identity.Vault, key.Identity.Document, key.Identity.Version,
            key.CiphertextLength, key.CiphertextSha256.ToArray(), key.Commitment.ToArray(), key.FileName, key.MediaType, key.ConsentEvent, key.Expires);
        var json = StrictJson.Write(payload);
        payload.Clear();
        return json;
    }

    public static DocumentKey Read(ReadOnlySpan<byte> json)
    {
        var payload = StrictJson.Read<KeyPayload>(json);
        try
        {
            return payload.Checked();
        }
        finally
        {
            payload.Clear();
        }
    }

    private DocumentKey Checked()
    {
        var identity = new DocumentIdentity(Vault, Document, Version);
        var sound = Format == Own && DocumentKey.Length == SecretKey.StandardLength && CommitmentSecret.Length == SecretKey.StandardLength
            && CiphertextSha256.Length == SHA256.HashSizeInBytes && Commitment.Length == DocumentCommitment.Length && Context.AsSpan().SequenceEqual(identity.ContainerContext())
            && CiphertextLength > ContainerLayout.HeaderLength && new SealedFile(FileName, MediaType, Document, Version, ConsentEvent).IsSound;
        if (!sound) throw StrictJson.Refused("its parts don't fit together");
        return new DocumentKey(SecretKey.CopyOf(DocumentKey), SecretKey.CopyOf(CommitmentSecret))
        {
            Identity = identity,
            CiphertextLength = CiphertextLength,
            CiphertextSha256 = CiphertextSha256,
            Commitment = Commitment,
            FileName = FileName,
            MediaType = MediaType,
            ConsentEvent = ConsentEvent,
            Expires = Expires,
        };
    }

    private void Clear()
    {
        CryptographicOperations.ZeroMemory(DocumentKey);
        CryptographicOperations.ZeroMemory(CommitmentSecret);
    }
}
