namespace CoffreFort.Server.Web;

/// <summary>A line of the menu; <paramref name="Title"/> is a text (see <see cref="Texts"/>).</summary>
public sealed record NavigationEntry(string Title, string Address);
