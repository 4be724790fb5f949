using CoffreFort.Server.Web;

namespace CoffreFort.Server.Demo;

/// <summary>The people of the demo's story. Their ids never change: the seed, the tests and the browser journeys count on them.</summary>
public static class Personas
{
    public static Persona Holder { get; } = Of(1, "holder", "Camille Le Goff", Texts.Of("Second maître, en poste à Toulon, mutation prévue à Brest"), Kinds.Holder);
    public static Persona Holder2 { get; } = Of(2, "holder2", "Inès Marchetti", Texts.Of("Citoyenne, habite à La Seyne-sur-Mer"), Kinds.Holder);
    public static Persona Helper { get; } = Of(3, "helper", "Nathalie Bourgeois", Texts.Of("Assistante de service social, aide les familles dans leurs démarches"), Kinds.Helper);
    public static Persona ClerkCaf { get; } = Of(4, "clerk-caf", "Julien Fabre", Texts.Of("Agent instructeur à la CAF du Var"), Kinds.Clerk);
    public static Persona ClerkTown { get; } = Of(5, "clerk-town", "Maëlle Kerbrat", Texts.Of("Agente du service scolaire, mairie de Brest"), Kinds.Clerk);
    public static Persona AtlasToulon { get; } = Of(6, "atlas-toulon", "Thierry Olivieri", Texts.Of("Agent de l'espace ATLAS de Toulon"), Kinds.Clerk);
    public static Persona AtlasBrest { get; } = Of(7, "atlas-brest", "Gwenaëlle Morvan", Texts.Of("Agente de l'espace ATLAS de Brest"), Kinds.Clerk);
    public static Persona Personnel { get; } = Of(8, "personnel", "Stéphane Lacroix", Texts.Of("Service du personnel : annonce les mutations"), Kinds.Personnel);
    public static Persona Auditor { get; } = Of(9, "auditor", "Hélène Aubert", Texts.Of("Auditrice : rejoue et vérifie, sans voir le contenu des documents"), Kinds.Auditor);
    public static Persona Operator { get; } = Of(10, "operator", "Karim Benali", Texts.Of("Exploitant du système, ne peut pas lire les documents"), Kinds.Operator);

    public static IReadOnlyList<Persona> All { get; } = [Holder, Holder2, Helper, ClerkCaf, ClerkTown, AtlasToulon, AtlasBrest, Personnel, Auditor, Operator];

    private static Persona Of(int number, string key, string name, string role, string kind) =>
        new(key, Guid.Parse($"01980000-c0ff-7e00-8000-{number:d12}"), name, role, kind);
}
