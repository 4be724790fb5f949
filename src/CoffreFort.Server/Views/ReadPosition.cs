using System.Globalization;
using CoffreFort.EventStore;

namespace CoffreFort.Server.Views;

/// <summary>Read your own writes: before a view is read, waits until it has seen what this client has seen.</summary>
/// <remarks>
/// The view is given a moment to reach the head, so that what others have just done is seen as well. A client that names a position (header or
/// cookie <c>Journal-Position</c>) insists on that one and gets 503 when the view stays behind it; else the view is then read as it is.
/// </remarks>
public sealed class ReadPosition(Journal journal, Subscriptions subscriptions, IHttpContextAccessor accessor)
{
    public const string Name = "Journal-Position";
    private static readonly TimeSpan Insisting = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(3);

    /// <param name="views">What is about to be read.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="insist">A decision will rest on it: the head of this moment must be reached, or it is not read at all.</param>
    /// <exception cref="JournalUnavailableException">A position that is insisted on was not reached in time.</exception>
    public async Task ReachAsync(IEnumerable<string> views, CancellationToken cancellation, bool insist = false)
    {
        var head = (await journal.HeadAsync(cancellation)).Size;
        // A position beyond the head is nonsense (or from before a restore): nobody waits for it.
        var wanted = insist ? head : Wanted() is { } named ? Math.Min(named, head) : (long?)null;
        foreach (var view in views)
        {
            if (await subscriptions.WaitForAsync(view, head, Courtesy, cancellation)) continue;
            if (wanted is { } position && !await subscriptions.WaitForAsync(view, position, Insisting, cancellation))
                throw new JournalUnavailableException($"The view '{view}' has not reached position {position} in time.");
        }
    }

    /// <summary>Tells the client how far it has seen: the header for programs, the cookie for browsers.</summary>
    public static void Tell(HttpContext context, long position)
    {
        var text = position.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers[Name] = text;
        context.Response.Cookies.Append(Name, text, new CookieOptions
        {
            HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = context.Request.IsHttps, MaxAge = TimeSpan.FromMinutes(5), IsEssential = true,
        });
    }

    private long? Wanted()
    {
        var request = accessor.HttpContext?.Request;
        var text = request?.Headers[Name].FirstOrDefault() ?? request?.Cookies[Name];
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position : null;
    }
}
