using System.Globalization;
using System.Text;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Signatures;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.WebUtilities;

namespace CoffreFort.Server.Features.Documents;

/// <summary>
/// The deposit form as it arrives: the antiforgery token, then what was typed, then the file, whose bytes go straight on to be sealed. A signature file may stand
/// before it or behind. Nothing of it is buffered on disk.
/// </summary>
public sealed class DepositForm
{
    private const string Token = "__RequestVerificationToken";
    private const int LongestField = 8192;
    private const string SignatureField = "Signature";
    private readonly Dictionary<string, string> _fields = [];
    private readonly MultipartReader _parts;
    private (byte[]? Message, Refusal? Refusal) _signature;

    private DepositForm(MultipartReader parts) => _parts = parts;

    /// <summary>The file, to be read once, and its signature file; null when none was chosen.</summary>
    public IncomingFile? File { get; private set; }

    public string FileName => File?.Name ?? "";

    /// <summary>Why a signature file that stands before the file can't be taken.</summary>
    public Refusal? WrongSignature => _signature.Refusal;

    public string this[string field] => _fields.GetValueOrDefault(field, "").Trim();

    /// <summary>Reads up to the file. What comes after it in the form is not looked at, but for a signature file.</summary>
    /// <exception cref="BadHttpRequestException">It isn't such a form.</exception>
    /// <exception cref="AntiforgeryValidationException">It doesn't come from our own page.</exception>
    public static async Task<DepositForm> ReadAsync(HttpContext http, IAntiforgery antiforgery, CancellationToken cancellation)
    {
        var parts = DepositParts.Read(http.Request);
        var form = new DepositForm(parts);
        try
        {
            await ReadTokenAsync(await parts.ReadNextSectionAsync(cancellation), http, antiforgery, cancellation);
            while (form.File is null && await parts.ReadNextSectionAsync(cancellation) is { } part) await form.TakeAsync(part, cancellation);
            return form;
        }
        catch (Exception malformed) when (DepositParts.AreMalformed(malformed))
        {
            throw new BadHttpRequestException("The form is not whole.", malformed);
        }
    }

    /// <summary>A day as <c>&lt;input type=date&gt;</c> sends it; null when empty.</summary>
    public bool TryDay(string field, out DateOnly? day)
    {
        day = null;
        if (this[field].Length == 0) return true;
        if (!DateOnly.TryParseExact(this[field], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var read)) return false;
        day = read;
        return true;
    }

    /// <summary>The dates as typed, or the field that can't be read and why.</summary>
    public (StatedDates Dates, (string Field, Refusal Refusal)? Wrong) Dates(EvidenceType type)
    {
        if (!TryDay(nameof(StatedDates.IssuedOn), out var issued)) return (new(), (nameof(StatedDates.IssuedOn), UnreadableDay));
        if (!TryDay(nameof(StatedDates.ExpiresOn), out var expires)) return (new(), (nameof(StatedDates.ExpiresOn), UnreadableDay));
        var dates = StatedDates.Of(issued, expires, this[nameof(StatedDates.Period)]);
        return dates.RefusePeriod(type) is { } wrong ? (new(), (nameof(StatedDates.Period), wrong)) : (dates, null);
    }

    // Read first and put where the check looks: otherwise the check itself would take in the whole form.
    private static async Task ReadTokenAsync(MultipartSection? first, HttpContext http, IAntiforgery antiforgery, CancellationToken cancellation)
    {
        if (first is null || DepositParts.NameOf(first) != Token) throw new BadHttpRequestException("The form's first part is not its token.");
        http.Request.Headers["RequestVerificationToken"] = await TextAsync(first, cancellation);
        await antiforgery.ValidateRequestAsync(http);
    }

    private async Task TakeAsync(MultipartSection part, CancellationToken cancellation)
    {
        var name = DepositParts.NameOf(part);
        if (!DepositParts.IsFile(part))
        {
            if (_fields.Count < 32) _fields[name] = await TextAsync(part, cancellation);
            return;
        }

        // A field for files in which none was chosen comes without a name.
        if (DepositParts.FileNameOf(part) is not { Length: > 0 } file) return;
        if (name == SignatureField) _signature = await SignatureFile.ReadAsync(part.Body, cancellation);
        else File = new IncomingFile(part.Body, file, RestAsync);
    }

    private async Task<(byte[]? Message, Refusal? Refusal)> RestAsync(CancellationToken cancellation)
    {
        while (_signature is (null, null) && await _parts.ReadNextSectionAsync(cancellation) is { } part)
            if (DepositParts.NameOf(part) == SignatureField && DepositParts.FileNameOf(part).Length > 0) _signature = await SignatureFile.ReadAsync(part.Body, cancellation);
        return _signature;
    }

    private static async Task<string> TextAsync(MultipartSection part, CancellationToken cancellation)
    {
        var buffer = new byte[LongestField + 1];
        var length = await part.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        if (length > LongestField) throw new BadHttpRequestException("A field is too long.");
        return buffer.AsSpan(0, length).Contains((byte)0)
            ? throw new BadHttpRequestException("A field has a NUL character.")
            : Encoding.UTF8.GetString(buffer, 0, length);
    }

    private static Refusal UnreadableDay { get; } = new("unreadable-date", "Cette date n'est pas lisible : écrivez-la comme 2026-03-12.", 422);
}
