using CoffreFort.Server.Web;

namespace CoffreFort.Server.Demo;

/// <summary>Somebody the demo lets one sign in as. <paramref name="Role"/> is a text (see <see cref="Texts"/>).</summary>
public sealed record Persona(string Key, Guid Id, string Name, string Role, string Kind)
{
    public Person ToPerson(DateTimeOffset authenticatedAt) => new(Id, Name, new HashSet<string> { Kind }) { AuthenticatedAt = authenticatedAt };
}
