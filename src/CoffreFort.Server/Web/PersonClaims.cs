namespace CoffreFort.Server.Web;

/// <summary>The claims a sign-in gives, whichever provider it comes from (OpenID Connect's names).</summary>
public static class PersonClaims
{
    public const string Subject = "sub";
    public const string Name = "name";
    public const string Kind = "kind";

    /// <summary>Authentication context class: how sure the provider is of who it is.</summary>
    public const string Assurance = "acr";

    /// <summary>When the person last proved who they are, in seconds since 1970.</summary>
    public const string AuthenticatedAt = "auth_time";
}
