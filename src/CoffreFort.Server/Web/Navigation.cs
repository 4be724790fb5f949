namespace CoffreFort.Server.Web;

/// <summary>What each kind of person finds in the menu. The first entry is where they start.</summary>
public static class Navigation
{
    private static readonly (string Kind, NavigationEntry[] Entries)[] Menus =
    [
        (Kinds.Holder,
        [
            new(Texts.Of("Mes justificatifs"), "/vault"), new(Texts.Of("Demandes"), "/requests"), new(Texts.Of("Partages"), "/shares"),
            new(Texts.Of("Qui a regardé"), "/usage"), new(Texts.Of("Mutation"), "/moving"),
            new(Texts.Of("Mes données"), "/my-data"),
        ]),
        (Kinds.Clerk, [new(Texts.Of("Demandes"), "/agency/requests"), new(Texts.Of("Lectures"), "/agency/consents"), new(Texts.Of("Arrivées"), "/arrivals"), new(Texts.Of("Certificats"), "/certificates")]),
        (Kinds.Personnel, [new(Texts.Of("Mutations"), "/postings")]),
        (Kinds.Auditor, [new(Texts.Of("Audits"), "/audits")]),
        (Kinds.Operator, [new(Texts.Of("État"), "/status"), new(Texts.Of("Certificats"), "/certificates")]),
    ];

    public static IReadOnlyList<NavigationEntry> Of(Person person) => [.. Menus.Where(menu => person.Is(menu.Kind)).SelectMany(menu => menu.Entries)];

    public static string StartOf(Person person) => Of(person) is [var first, ..] ? first.Address : "/";
}
