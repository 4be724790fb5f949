using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CoffreFort.Server.Views;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Acts;

/// <summary>Between a request and an act: who acts, and how the outcome is answered.</summary>
public static class Requests
{
    internal const string IdempotencyKeyName = "Idempotency-Key";

    /// <summary>The person who is signed in, acting through the API or a page, with what the request insists on.</summary>
    public static Actor Actor(this HttpContext http)
    {
        var person = Person.From(http.User);
        var channel = http.Request.Path.StartsWithSegments("/api") ? Channels.Api : Channels.Web;
        return new Actor(person.Id, channel, Activity.Current?.TraceId.ToHexString() ?? http.TraceIdentifier)
        {
            IdempotencyKey = IdempotencyKey(http.Request, person), Fingerprint = RequestFingerprint.Of(http), IfMatch = IfMatch(http.Request),
        };
    }

    /// <summary>Answers a write: problem details, or the resource as it now stands with the position that covers the write.</summary>
    public static async Task<IResult> AnswerAsync(this HttpContext http, Outcome outcome, Func<Task<IResult>> resource)
    {
        if (outcome.Refusal is { } refusal) return Problems.Result(refusal);
        if (outcome.Written is { } written) ReadPosition.Tell(http, written.LastPosition);
        return await resource();
    }

    /// <summary>A resource with its stream's version as <c>ETag</c>, which <c>If-Match</c> gives back.</summary>
    public static IResult Versioned<T>(this HttpContext http, T body, long version, string? createdAt = null)
    {
        http.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");
        return createdAt is null ? Results.Ok(body) : Results.Created(createdAt, body);
    }

    /// <summary>A key holds for one person, one method and one path: another person's same key is another key.</summary>
    private static string? IdempotencyKey(HttpRequest request, Person person)
    {
        var given = request.Headers[IdempotencyKeyName].ToString();
        if (given.Length == 0) return null;
        var scoped = string.Create(CultureInfo.InvariantCulture, $"{person.Id} {request.Method} {request.Path} {given}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(scoped)));
    }

    private static long? IfMatch(HttpRequest request)
    {
        var given = request.Headers.IfMatch.ToString();
        if (given is "" or "*") return null;
        // What isn't one of our versions matches none.
        return long.TryParse(given.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : -1;
    }
}
