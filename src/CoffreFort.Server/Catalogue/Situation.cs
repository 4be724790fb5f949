using System.Collections.Immutable;

namespace CoffreFort.Server.Catalogue;

/// <summary>What is true of the holder for one evaluation.</summary>
/// <param name="Flags">Codes of the situation flags that hold.</param>
/// <param name="Events">When each kind of life event last happened.</param>
/// <param name="Declined">Choices of lawful non-supply that the holder made.</param>
public sealed record Situation(
    ImmutableHashSet<string> Flags,
    ImmutableDictionary<string, DateOnly> Events,
    ImmutableHashSet<string> Declined)
{
    /// <summary>Nothing particular.</summary>
    public static Situation None { get; } = new([], ImmutableDictionary<string, DateOnly>.Empty, []);

    /// <summary>These flags and nothing else.</summary>
    public static Situation Of(params IEnumerable<string> flags) => None with { Flags = [.. flags] };
}
