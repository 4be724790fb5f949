using System.Text.Json;
using System.Text.Json.Serialization;

namespace CoffreFort.Server.Features.Signatures;

/// <summary>What was found, when a document was deposited, of the signature that it brought along (docs/spec/issuer-signature.md).</summary>
public sealed record SignatureFound([property: OneOf(typeof(SignatureVerdicts))] string Verdict)
{
    /// <summary>Why it is not valid; null when it is.</summary>
    [OneOf(typeof(SignatureReasons))]
    public string? Reason { get; init; }

    /// <summary>The listed issuer's name, as the list had it then; null unless the certificate leads to one.</summary>
    public Personal? Issuer { get; init; }

    /// <summary>How the signer's certificate calls them.</summary>
    public Personal? Signer { get; init; }

    /// <summary>When they signed, by their own word.</summary>
    public DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>SHA-256 of the listed certificate that the signer's leads to, lower-case hex.</summary>
    public Personal? Anchor { get; init; }

    /// <summary>The signature file that came beside the document, in base64: what the verdict rests on. Null where the signature is inside.</summary>
    public Personal? Message { get; init; }

    /// <summary>Whether it came beside the document.</summary>
    [JsonIgnore]
    public bool IsBeside { get => field || Message is not null; init; }

    /// <summary>Without the file: only the event keeps it, and neither what is remembered of a stream nor a list.</summary>
    public SignatureFound WithoutMessage() => this with { Message = null, IsBeside = IsBeside };

    /// <summary>For a projection's column.</summary>
    public string ToRow() => JsonSerializer.Serialize(new Row(Verdict, Reason, Issuer?.ToToken(), Signer?.ToToken(), ClaimedAt, Anchor?.ToToken(), IsBeside));

    /// <summary>As <see cref="ToRow"/> wrote it.</summary>
    public static SignatureFound FromRow(string row)
    {
        var read = JsonSerializer.Deserialize<Row>(row)!;
        return new SignatureFound(read.Verdict) { Reason = read.Reason, Issuer = Text(read.Issuer), Signer = Text(read.Signer), ClaimedAt = read.ClaimedAt, Anchor = Text(read.Anchor), IsBeside = read.IsBeside };
    }

    private static Personal? Text(string? token) => token is null ? null : Personal.FromToken(token);

    private sealed record Row(string Verdict, string? Reason, string? Issuer, string? Signer, DateTimeOffset? ClaimedAt, string? Anchor, bool IsBeside = false);
}

public static class SignatureVerdicts
{
    /// <summary>The document is what a listed issuer signed.</summary>
    public const string Valid = "valid";

    /// <summary>The document is what was signed; nobody here vouches for the signer.</summary>
    public const string Unrecognised = "unrecognised";

    /// <summary>The document is not what was signed, or the signature is damaged.</summary>
    public const string Broken = "broken";

    /// <summary>There is a signature, and it was not checked.</summary>
    public const string Unchecked = "unchecked";
}

/// <summary>The names of <see cref="Cryptography.Issuers.IssuerFault"/>.</summary>
public static class SignatureReasons
{
    public const string TooLarge = "too-large";
    public const string Form = "form";
    public const string Several = "several";
    public const string Algorithm = "algorithm";
    public const string Usage = "usage";
    public const string Coverage = "coverage";
    public const string Appended = "appended";
    public const string Unreadable = "unreadable";
    public const string Content = "content";
    public const string Signature = "signature";
    public const string Untrusted = "untrusted";
    public const string Expired = "expired";
    public const string OtherKind = "other-kind";
}
