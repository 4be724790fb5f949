using CoffreFort.Server.Catalogue;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>What a person or a clerk may state of a situation: flags that the catalogue knows, and no others.</summary>
public static class SituationFlags
{
    public static Refusal? Refuse(IEnumerable<string> flags, EvidenceCatalogue catalogue) =>
        flags.All(flag => catalogue.Situations.Any(known => known.Code == flag)) ? null : Unknown;

    private static Refusal Unknown { get; } = new(
        "unknown-situation", "Cette situation n'existe pas au catalogue. Rien n'a été enregistré.", 422);
}
