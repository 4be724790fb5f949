using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Http.Metadata;

namespace CoffreFort.Server.Acts;

/// <summary>
/// Tells a request that is repeated from another one under the same idempotency key. Taken of the query and of a small body byte for byte, of an upload
/// by what announces it: its content is not read again to be compared.
/// </summary>
/// <remarks>
/// It stands in the headers of the events, and these are never erased: so it has 16 bits only, under the client's key, which is stored nowhere. That tells two
/// requests apart but once in 65,536 times, and even whoever guesses the key learns 16 bits and no more of what was said.
/// </remarks>
internal static class RequestFingerprint
{
    private const int Length = 2;

    internal static async Task Take(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Headers[Requests.IdempotencyKeyName].ToString() is { Length: > 0 } key)
            context.Items[typeof(RequestFingerprint)] = await OfAsync(context.Request, key, context.RequestAborted);
        await next(context);
    }

    /// <summary>Null when the client gave no key.</summary>
    public static string? Of(HttpContext context) => context.Items[typeof(RequestFingerprint)] as string;

    // A document may be JSON too: it goes on to be sealed as it comes in.
    private static bool IsUpload(HttpRequest request) =>
        request.HttpContext.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType == typeof(Stream);

    private static async Task<string> OfAsync(HttpRequest request, string key, CancellationToken cancellation)
    {
        using var fingerprint = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(key));
        Add(request.QueryString.Value ?? "");
        // A form's boundary is made anew each time it is sent.
        Add(IsUpload(request) && DepositParts.AreIn(request) ? "multipart/form-data" : request.ContentType ?? "");
        if (Shell.HasSmallBody(request) && !IsUpload(request)) await AddBodyAsync();
        else Add(request.ContentLength?.ToString(CultureInfo.InvariantCulture) ?? "");
        return Convert.ToHexStringLower(fingerprint.GetHashAndReset().AsSpan(0, Length));

        void Add(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            Span<byte> length = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            fingerprint.AppendData(length);
            fingerprint.AppendData(bytes);
        }

        async Task AddBodyAsync()
        {
            // Never on disk: a small body is not longer than what is kept in memory.
            request.EnableBuffering((int)Shell.SmallBody);
            var buffer = new byte[4096];
            while (await request.Body.ReadAsync(buffer, cancellation) is var read and > 0) fingerprint.AppendData(buffer, 0, read);
            request.Body.Position = 0;
        }
    }
}
