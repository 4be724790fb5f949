using System.Globalization;

namespace CoffreFort.EventStore;

/// <summary>An event as its stream declares it: its name, the class that is its present shape, and how older shapes become that.</summary>
/// <param name="Name">snake_case; the same for every shape it ever had.</param>
/// <param name="Class">The present shape.</param>
/// <param name="Upcasters">The first leads from shape 1 to shape 2, and so on; empty while there is only one.</param>
/// <remarks>Immutable. The shape stands in the stored type name (Marten's convention too): <c>bell_rang</c>, then <c>bell_rang_v2</c>.</remarks>
public sealed record EventType(string Name, Type Class, IReadOnlyList<Upcaster> Upcasters)
{
    /// <summary>The number of the present shape, from 1.</summary>
    public int Version => Upcasters.Count + 1;

    /// <summary>The type name under which events of the present shape are stored.</summary>
    public string Stored => StoredAs(Version);

    /// <summary>The type name under which events of a shape are stored.</summary>
    /// <param name="version">The shape's number, from 1.</param>
    public string StoredAs(int version) => version == 1 ? Name : string.Create(CultureInfo.InvariantCulture, $"{Name}_v{version}");

    /// <summary>The event's name, whatever the shape: <c>bell_rang</c> for <c>bell_rang_v2</c>.</summary>
    /// <param name="stored">A stored type name.</param>
    public static string NameOf(string stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var beforeNumber = stored.AsSpan().TrimEnd("0123456789");
        return beforeNumber.Length < stored.Length && beforeNumber.EndsWith("_v") ? stored[..(beforeNumber.Length - 2)] : stored;
    }
}
