using Microsoft.AspNetCore.Http.Features;

namespace CoffreFort.Server.Features.Documents;

/// <summary>Opens a request for a document's bytes: the small limits of other requests don't hold for it.</summary>
public static class Uploads
{
    /// <summary>Some room above the document itself, so that one byte too many is told by our own refusal.</summary>
    private const long BodyLimit = SealContent.MaximumLength + (1 << 20);

    /// <returns>A refusal when the request already says that it is too long; nothing of it was read then.</returns>
    public static Refusal? Allow(HttpContext http)
    {
        if (http.Request.ContentLength > SealContent.MaximumLength) return SealContent.TooLarge;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = BodyLimit;
        return null;
    }
}
