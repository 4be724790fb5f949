using System.Globalization;
using System.Text;
using CoffreFort.Server.Catalogue;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace CoffreFort.Server.Features.Documents;

/// <summary>
/// The deposit form as it arrives: the antiforgery token, then what was typed, then the file, whose bytes go straight on to be sealed.
/// Nothing of it is buffered on disk.
/// </summary>
public sealed class DepositForm
{
    private const string Token = "__RequestVerificationToken";
    private const int LongestField = 8192;
    private readonly Dictionary<string, string> _fields = [];

    private DepositForm()
    {
    }

    /// <summary>The file's bytes, to be read once; null when none was chosen.</summary>
    public Stream? File { get; private set; }

    public string FileName { get; private set; } = "";

    public string this[string field] => _fields.GetValueOrDefault(field, "").Trim();

    /// <summary>Reads up to the file. What comes after it in the form is not looked at.</summary>
    /// <exception cref="BadHttpRequestException">It isn't such a form.</exception>
    /// <exception cref="AntiforgeryValidationException">It doesn't come from our own page.</exception>
    public static async Task<DepositForm> ReadAsync(HttpContext http, IAntiforgery antiforgery, CancellationToken cancellation)
    {
        var boundary = MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type) && type.MediaType == "multipart/form-data"
            ? HeaderUtilities.RemoveQuotes(type.Boundary).ToString()
            : "";
        if (boundary.Length is 0 or > 100) throw new BadHttpRequestException("A form of parts is expected.", StatusCodes.Status415UnsupportedMediaType);
        var form = new DepositForm();
        try
        {
            var parts = new MultipartReader(boundary, http.Request.Body);
            await ReadTokenAsync(await parts.ReadNextSectionAsync(cancellation), http, antiforgery, cancellation);
            while (form.File is null && await parts.ReadNextSectionAsync(cancellation) is { } part) await form.TakeAsync(part, cancellation);
            return form;
        }
        catch (Exception malformed) when (IsMalformed(malformed))
        {
            throw new BadHttpRequestException("The form is not whole.", malformed);
        }
    }

    /// <summary>What the reader of parts throws when the parts do not end as they must.</summary>
    public static bool IsMalformed(Exception exception) => exception is InvalidDataException || exception.GetType() == typeof(IOException);

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
        if (first is null || NameOf(first) != Token) throw new BadHttpRequestException("The form's first part is not its token.");
        http.Request.Headers["RequestVerificationToken"] = await TextAsync(first, cancellation);
        await antiforgery.ValidateRequestAsync(http);
    }

    private async Task TakeAsync(MultipartSection part, CancellationToken cancellation)
    {
        var described = part.GetContentDispositionHeader();
        if (described?.IsFileDisposition() != true)
        {
            if (_fields.Count < 32) _fields[NameOf(part)] = await TextAsync(part, cancellation);
            return;
        }

        var name = HeaderUtilities.RemoveQuotes(described.FileNameStar.HasValue ? described.FileNameStar : described.FileName).ToString();
        // A field for files in which none was chosen comes without a name.
        if (name.Length > 0) (File, FileName) = (part.Body, name);
    }

    private static string NameOf(MultipartSection part) => HeaderUtilities.RemoveQuotes(part.GetContentDispositionHeader()?.Name ?? default).ToString();

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
