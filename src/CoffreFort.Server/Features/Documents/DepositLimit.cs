using CoffreFort.Server.Hosting;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Http.Features;

namespace CoffreFort.Server.Features.Documents;

/// <summary>How long a document may be (<c>Documents:MaximumLength</c>, 2 GiB), and how a request for its bytes is opened.</summary>
public sealed class DepositLimit(IConfiguration configuration)
{
    /// <summary>Room above the document itself: for a form's other fields, and so that one byte too many is told by our own refusal.</summary>
    private const long Room = 1 << 20;

    /// <summary>In bytes.</summary>
    public long Bytes { get; } = (long)configuration.Positive("Documents:MaximumLength", 2L << 30);

    public Refusal TooLarge => new("too-large", "Le document dépasse la taille permise, {0}. Rien n'a été enregistré.", 413) { Arguments = [Show.Size(Bytes)] };

    /// <summary>Lifts the small limits that hold for other requests.</summary>
    /// <param name="http">The request, of which nothing was read yet.</param>
    /// <param name="form">The bytes come inside a form.</param>
    /// <returns>A refusal when the request already says that it is too long; nothing of it was read then.</returns>
    public Refusal? Admit(HttpContext http, bool form = false)
    {
        if (http.Request.ContentLength > Bytes + (form ? Room : 0)) return TooLarge;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = Bytes + Room;
        return null;
    }
}
