using CoffreFort.Server.Features.Signatures;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace CoffreFort.Server.Features.Documents;

/// <summary>
/// A deposit over the API as a form of two parts, in either order: <c>document</c>, whose bytes go straight on to be sealed, and <c>signature</c>, the signature file that came with it.
/// Any other body is the document itself.
/// </summary>
public sealed class DepositParts
{
    public const string Document = "document";
    public const string Signature = "signature";
    private readonly MultipartReader _parts;
    private byte[]? _signature;

    private DepositParts(MultipartReader parts) => _parts = parts;

    /// <summary>Admits the request, hands over what comes in, and answers; what can't be read as such a form is the client's mistake.</summary>
    /// <exception cref="BadHttpRequestException">It is a form that can't be read.</exception>
    public static async Task<IResult> AnswerAsync(HttpContext http, DepositLimit limit, Func<IncomingFile, Task<IResult>> deposit, CancellationToken cancellation)
    {
        var form = AreIn(http.Request);
        if (limit.Admit(http, form) is { } tooLong) return Problems.Result(tooLong);
        try
        {
            var (file, refusal) = await OpenAsync(http.Request, cancellation);
            return file is null ? Problems.Result(refusal!) : await deposit(file);
        }
        catch (Exception malformed) when (form && AreMalformed(malformed))
        {
            throw new BadHttpRequestException("The form is not whole.", malformed);
        }
    }

    public static bool AreIn(HttpRequest request) => request.ContentType?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>What comes in, as far as its document.</summary>
    private static Task<(IncomingFile? File, Refusal? Refusal)> OpenAsync(HttpRequest request, CancellationToken cancellation) => AreIn(request)
        ? new DepositParts(Read(request)).FindAsync(cancellation)
        : Task.FromResult<(IncomingFile?, Refusal?)>((new IncomingFile(request.Body), null));

    /// <summary>The parts of a form; none of it is read yet.</summary>
    /// <exception cref="BadHttpRequestException">It is no such form.</exception>
    public static MultipartReader Read(HttpRequest request)
    {
        var boundary = AreIn(request) && MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? HeaderUtilities.RemoveQuotes(type.Boundary).ToString() : "";
        if (boundary.Length is 0 or > 100) throw new BadHttpRequestException("A form of parts is expected.", StatusCodes.Status415UnsupportedMediaType);
        return new MultipartReader(boundary, request.Body);
    }

    /// <summary>What the reader of parts throws when the parts do not end as they must.</summary>
    public static bool AreMalformed(Exception exception) => exception is InvalidDataException || exception.GetType() == typeof(IOException);

    public static string NameOf(MultipartSection part) => Decoded(() => HeaderUtilities.RemoveQuotes(part.GetContentDispositionHeader()?.Name ?? default).ToString());

    /// <summary>Whether it is a file, and not a field.</summary>
    public static bool IsFile(MultipartSection part) => Decoded(() => part.GetContentDispositionHeader()?.IsFileDisposition() == true);

    /// <summary>What the sender calls the part's file; empty when it is none, or none was chosen.</summary>
    public static string FileNameOf(MultipartSection part) => Decoded(() => part.GetContentDispositionHeader() is { } described && described.IsFileDisposition()
        ? HeaderUtilities.RemoveQuotes(described.FileNameStar.HasValue ? described.FileNameStar : described.FileName).ToString()
        : "");

    /// <summary>The platform throws at a name in UTF-7, which it no longer reads.</summary>
    private static T Decoded<T>(Func<T> name)
    {
        try
        {
            return name();
        }
        catch (NotSupportedException unreadable)
        {
            throw new BadHttpRequestException("A part's name can't be read.", unreadable);
        }
    }

    private async Task<(IncomingFile? File, Refusal? Refusal)> FindAsync(CancellationToken cancellation)
    {
        while (await _parts.ReadNextSectionAsync(cancellation) is { } part)
        {
            if (NameOf(part) == Document) return (new IncomingFile(part.Body, FileNameOf(part) is { Length: > 0 } name ? name : null, RestAsync), null);
            if (await TakeAsync(part, cancellation) is { } refusal) return (null, refusal);
        }

        return (null, DepositPage.NoFile);
    }

    private async Task<(byte[]? Message, Refusal? Refusal)> RestAsync(CancellationToken cancellation)
    {
        while (await _parts.ReadNextSectionAsync(cancellation) is { } part)
            if (await TakeAsync(part, cancellation) is { } refusal) return (null, refusal);
        return (_signature, null);
    }

    private async Task<Refusal?> TakeAsync(MultipartSection part, CancellationToken cancellation)
    {
        // A part that nothing reads is a typing error: passed over, a misspelt signature would be lost without a word.
        if (NameOf(part) != Signature || _signature is not null) return Unexpected;
        (_signature, var refusal) = await SignatureFile.ReadAsync(part.Body, cancellation);
        return refusal;
    }

    private static Refusal Unexpected { get; } = new(
        "unexpected-part", "Un dépôt en plusieurs parties a une partie « document » et au plus une partie « signature », rien d'autre. Rien n'a été enregistré.", 422);
}
