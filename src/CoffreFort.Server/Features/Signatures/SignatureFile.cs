using CoffreFort.Cryptography.Issuers;

namespace CoffreFort.Server.Features.Signatures;

/// <summary>A signature file that comes beside a document (docs/spec/issuer-signature.md §3), taken in whole: it is small.</summary>
public static class SignatureFile
{
    /// <summary>In bytes.</summary>
    public const int Longest = 64 * 1024;

    /// <summary>How many bytes the signature files of all versions of one document may have together: whoever does anything with the document fetches them all.</summary>
    public const int MostOfDocument = 1024 * 1024;

    public const string MediaType = "application/pkcs7-signature";

    /// <returns>The message, or why nothing is deposited: the file is far too long, or none that a signature beside a document can be. Whether it fits the document is said, and refuses nothing.</returns>
    public static async Task<(byte[]? Message, Refusal? Refusal)> ReadAsync(Stream part, CancellationToken cancellation)
    {
        var buffer = new byte[Longest + 1];
        var length = await part.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        if (length > Longest) return (null, TooLarge);
        return IssuerVerification.IsDetached(buffer.AsMemory(0, length)) ? (buffer[..length], null) : (null, NotOne);
    }

    /// <summary>Whether it is the signature file that this says something of, and not the document.</summary>
    public static bool IsMeantBy(Refusal refusal) => refusal == TooLarge || refusal == NotOne || refusal == TooMany;

    public static Refusal TooMany { get; } = new(
        "too-many-signatures",
        "Les fichiers de signature de toutes les versions de ce justificatif dépassent 1 Mio. Rien n'a été enregistré : déposez cette version comme un nouveau justificatif.", 422);

    private static Refusal TooLarge { get; } = new(
        "signature-too-large", "Le fichier de signature dépasse 64 Kio. Rien n'a été enregistré : vérifiez que vous n'avez pas choisi le document à sa place.", 413);

    private static Refusal NotOne { get; } = new(
        "not-a-signature", "Ce fichier n'est pas une signature séparée (CMS, souvent .p7s), ou il est abîmé. Rien n'a été enregistré.", 422);
}
