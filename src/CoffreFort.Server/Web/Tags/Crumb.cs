namespace CoffreFort.Server.Web.Tags;

/// <summary>A page above this one, already in the person's language.</summary>
public sealed record Crumb(string Title, string Address);
