using System.Collections.Frozen;
using System.Globalization;
using System.Security.Claims;

namespace CoffreFort.Server.Web;

/// <summary>Who is signed in. A minimal API handler may take one as a parameter; a page asks <see cref="From"/>.</summary>
public sealed record Person(Guid Id, string Name, IReadOnlySet<string> Kinds)
{
    /// <summary>When they last proved who they are; a step-up asks for a recent one.</summary>
    public DateTimeOffset AuthenticatedAt { get; init; }

    public bool Is(string kind) => Kinds.Contains(kind);

    /// <exception cref="InvalidOperationException">The principal is anonymous or has no usable subject: the endpoint lacks a policy.</exception>
    public static Person From(ClaimsPrincipal principal)
    {
        if (!Guid.TryParse(principal.FindFirstValue(PersonClaims.Subject), out var id))
            throw new InvalidOperationException("Nobody is signed in here: the endpoint lacks an authorization policy.");
        var seconds = long.TryParse(principal.FindFirstValue(PersonClaims.AuthenticatedAt), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;
        return new Person(id, principal.FindFirstValue(PersonClaims.Name) ?? "", principal.FindAll(PersonClaims.Kind).Select(claim => claim.Value).ToFrozenSet())
        {
            AuthenticatedAt = DateTimeOffset.FromUnixTimeSeconds(seconds),
        };
    }

    /// <summary>The claims from which <see cref="From"/> gives this person back.</summary>
    public ClaimsPrincipal ToPrincipal(string scheme, string assurance)
    {
        var identity = new ClaimsIdentity(
        [
            new(PersonClaims.Subject, Id.ToString()), new(PersonClaims.Name, Name),
            new(PersonClaims.Assurance, assurance),
            new(PersonClaims.AuthenticatedAt, AuthenticatedAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), ClaimValueTypes.Integer64),
            .. Kinds.Select(kind => new Claim(PersonClaims.Kind, kind)),
        ], scheme, PersonClaims.Name, PersonClaims.Kind);
        return new ClaimsPrincipal(identity);
    }

    public static ValueTask<Person> BindAsync(HttpContext context) => ValueTask.FromResult(From(context.User));
}
