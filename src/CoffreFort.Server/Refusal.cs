namespace CoffreFort.Server;

/// <summary>A business "no", as a value: <c>Decide</c> returns it, and the shell turns it into problem details or a page's error message.</summary>
/// <param name="Code">Stable, kebab-case, part of the API's contract: <c>consent-expired</c>.</param>
/// <param name="Detail">
/// One French sentence (or two) for the person who meets it: what happened and what to do. It is the key of its English text in
/// <c>Resources/Texts.en.resx</c>, so it holds no value of its own: write <c>{0}</c> and give <see cref="Arguments"/>.
/// </param>
/// <param name="Status">The HTTP status; 409 unless the reason is another.</param>
/// <param name="Rule">The rule or the article that stands behind it, when there is one: <c>CPCE L.103</c>.</param>
public sealed record Refusal(string Code, string Detail, int Status = 409, string? Rule = null)
{
    /// <summary>Unknown and not-yours are the same answer: nobody learns from it that something exists.</summary>
    public static Refusal NotFound { get; } = new("not-found", "Cet élément n'existe pas, ou vous n'y avez pas accès.", 404);

    /// <summary>Values for the <c>{0}</c>, <c>{1}</c> of <see cref="Detail"/>.</summary>
    public IReadOnlyList<object> Arguments { get; init; } = [];
}
