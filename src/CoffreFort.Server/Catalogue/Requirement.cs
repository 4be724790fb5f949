using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace CoffreFort.Server.Catalogue;

/// <summary>What a procedure asks, as an expression over evidence types. <see cref="Requirements"/> evaluates it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(AllOf), "all")]
[JsonDerivedType(typeof(AnyOf), "any")]
[JsonDerivedType(typeof(ExactlyOf), "exactly")]
[JsonDerivedType(typeof(AtLeastOf), "at-least")]
[JsonDerivedType(typeof(WhenSituation), "when")]
[JsonDerivedType(typeof(MayDecline), "may-decline")]
[JsonDerivedType(typeof(EvidenceNeeded), "evidence")]
public abstract record Requirement;

/// <summary>Every part is due.</summary>
public sealed record AllOf(IReadOnlyList<Requirement> Of) : Requirement
{
    public IReadOnlyList<Requirement> Of { get; } = Of.ToImmutableArray();
}

/// <summary>One part is due, at the holder's choice.</summary>
public sealed record AnyOf(IReadOnlyList<Requirement> Of) : Requirement
{
    public IReadOnlyList<Requirement> Of { get; } = Of.ToImmutableArray();
}

/// <summary>This many parts are due and the rest may not be asked: an unchosen part is reported as not due.</summary>
public sealed record ExactlyOf(int Count, IReadOnlyList<Requirement> Of) : Requirement
{
    public IReadOnlyList<Requirement> Of { get; } = Of.ToImmutableArray();
}

/// <summary>This many parts are due; more may be given, so an unchosen part is not mentioned.</summary>
public sealed record AtLeastOf(int Count, IReadOnlyList<Requirement> Of) : Requirement
{
    public IReadOnlyList<Requirement> Of { get; } = Of.ToImmutableArray();
}

/// <summary>Due only in this situation; otherwise the other part, or nothing.</summary>
public sealed record WhenSituation(string Situation, Requirement Then, Requirement? Otherwise = null) : Requirement;

/// <summary>Lawful non-supply: giving none is a choice with a stated effect, not an incomplete file.</summary>
/// <param name="Choice">Names the choice, so that a holder can make it though the vault could supply.</param>
/// <param name="Of">What the holder may supply.</param>
/// <param name="Effect">What follows from not supplying ("the highest tariff applies").</param>
/// <param name="Rule">Where that is written.</param>
public sealed record MayDecline(string Choice, Requirement Of, LocalizedText Effect, Rule Rule) : Requirement;

/// <summary>One document of a type, or of one of its substitutes.</summary>
/// <param name="EvidenceType">The type asked for.</param>
/// <param name="Freshness">All must hold. Null takes the type's own; empty accepts any date.</param>
/// <param name="Substitutes">Types accepted in its place, in order of preference.</param>
/// <param name="Role">What it is for here ("identity of the child").</param>
/// <param name="Sensitivity">The type's; the catalogue fills it in, a file never states it.</param>
public sealed record EvidenceNeeded(
    string EvidenceType,
    IReadOnlyList<Freshness>? Freshness = null,
    IReadOnlyList<Substitute>? Substitutes = null,
    LocalizedText? Role = null,
    [property: JsonIgnore] Sensitivity Sensitivity = Sensitivity.Ordinary) : Requirement
{
    public IReadOnlyList<Freshness>? Freshness { get; init; } = Freshness?.ToImmutableArray();

    public IReadOnlyList<Substitute> Substitutes { get; init; } = Substitutes?.ToImmutableArray() ?? [];
}

/// <summary>A type accepted in another's place, with its own freshness (null takes the type's own).</summary>
public sealed record Substitute(
    string EvidenceType,
    IReadOnlyList<Freshness>? Freshness = null,
    [property: JsonIgnore] Sensitivity Sensitivity = Sensitivity.Ordinary)
{
    public IReadOnlyList<Freshness>? Freshness { get; init; } = Freshness?.ToImmutableArray();
}
