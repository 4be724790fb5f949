namespace CoffreFort.Server;

/// <summary>
/// Names the one resource of texts: the French text is the key, <c>Resources/Texts.en.resx</c> has the English.
/// Pages write <c>@T["Mes justificatifs"]</c>; code that only carries a text for later marks it with <see cref="Of"/>.
/// </summary>
public sealed class Texts
{
    private Texts()
    {
    }

    /// <summary>Marks a French text that a page will look up later, so that the spec of texts sees it.</summary>
    public static string Of(string french) => french;
}
