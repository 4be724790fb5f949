using Microsoft.AspNetCore.Authorization;

namespace CoffreFort.Server.Web;

/// <summary>Who may come to an endpoint or a page at all; what they may do there is the feature's decision.</summary>
public static class Policies
{
    public const string SignedIn = "signed-in";
    public const string Holder = "holder";
    public const string HolderOrHelper = "holder-or-helper";
    public const string HolderOrClerk = "holder-or-clerk";
    public const string Clerk = "clerk";
    public const string ClerkOrOperator = "clerk-or-operator";
    public const string Personnel = "personnel";
    public const string MutationParties = "mutation-parties";
    public const string Auditor = "auditor";
    public const string Operator = "operator";

    internal static void Register(AuthorizationBuilder authorization)
    {
        var signedIn = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build();
        authorization.SetDefaultPolicy(signedIn).SetFallbackPolicy(signedIn)
            .AddPolicy(SignedIn, signedIn)
            .AddPolicy(Holder, OfKind(Kinds.Holder))
            .AddPolicy(HolderOrHelper, OfKind(Kinds.Holder, Kinds.Helper))
            .AddPolicy(HolderOrClerk, OfKind(Kinds.Holder, Kinds.Clerk))
            .AddPolicy(Clerk, OfKind(Kinds.Clerk))
            .AddPolicy(ClerkOrOperator, OfKind(Kinds.Clerk, Kinds.Operator))
            .AddPolicy(Personnel, OfKind(Kinds.Personnel))
            .AddPolicy(MutationParties, OfKind(Kinds.Holder, Kinds.Clerk, Kinds.Personnel))
            .AddPolicy(Auditor, OfKind(Kinds.Auditor))
            .AddPolicy(Operator, OfKind(Kinds.Operator));
    }

    private static AuthorizationPolicy OfKind(params string[] kinds) =>
        new AuthorizationPolicyBuilder().RequireAuthenticatedUser().RequireClaim(PersonClaims.Kind, kinds).Build();
}
