using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Mutations;

/// <summary>Reads mutations from their streams, for each of the parties what is theirs to see.</summary>
public sealed class MutationReader(Journal journal, DueMutations due, MutationFinder mutations, VaultFinder vaults, AgencyFinder agencies, RequestKeys keys)
{
    /// <summary>The mutation as this person may see it, or null: unknown, or none of theirs.</summary>
    public async Task<MutationView?> FindAsync(Guid id, Person person, CancellationToken cancellation)
    {
        var space = person.Is(Kinds.Clerk) ? await agencies.OfClerkAsync(person.Id, cancellation) : null;
        return await FindAsync(id, person, space, await agencies.NamesAsync(cancellation), cancellation);
    }

    /// <summary>The holder's own; for the personnel service all; for a space its arrivals and departures. One more than wanted, if there are more.</summary>
    public async Task<IReadOnlyList<MutationView>> ListAsync(Person person, Guid? before, int limit, CancellationToken cancellation)
    {
        var space = person.Is(Kinds.Clerk) ? await agencies.OfClerkAsync(person.Id, cancellation) : null;
        var all = person.Is(Kinds.Personnel);
        var vault = person.Is(Kinds.Holder) ? (await vaults.OfHolderAsync(person.Id, cancellation))?.Vault : null;
        if (!all && vault is null && space is not { IsSpace: true }) return [];
        var names = await agencies.NamesAsync(cancellation);
        var views = new List<MutationView>();
        foreach (var entry in await mutations.ListAsync(all ? null : vault, all || vault is not null ? null : space!.Agency, before, limit, cancellation))
            if (await FindAsync(entry.Mutation, person, space, names, cancellation) is { } view) views.Add(view);
        return views;
    }

    public async Task<IResult> AnswerAsync(HttpContext http, Guid id, bool created, CancellationToken cancellation) =>
        await FindAsync(id, Person.From(http.User), cancellation) is { } view
            ? http.Versioned(view, view.StreamVersion, created ? $"/api/v1/mutations/{id}" : null)
            : Problems.Result(Refusal.NotFound);

    private async Task<MutationView?> FindAsync(Guid id, Person person, AgencyEntry? space, IReadOnlyDictionary<Guid, string> names, CancellationToken cancellation)
    {
        if (await journal.AggregateStreamAsync<Mutation>(id, cancellation: cancellation) is not { } first) return null;
        // What is shown is what holds now, also in the seconds before the clock's tick.
        await due.EnsureAsync(first.Vault, cancellation);
        var events = await journal.FetchStreamAsync(id, cancellation: cancellation);
        var (mutation, version) = Fold.Of<Mutation>(events);
        var vault = (await journal.AggregateStreamAsync<Vault>(mutation.Vault, cancellation: cancellation))!;
        if (PartyOf(person, space, vault, mutation) is not { } party) return null;
        var key = await keys.SubjectAsync(mutation.Vault, cancellation);
        return new MutationView(id, StateOf(mutation), mutation.From, mutation.To, mutation.EffectiveOn)
        {
            FromName = mutation.From is { } from ? names.GetValueOrDefault(from) : null,
            ToName = names.GetValueOrDefault(mutation.To),
            Vault = party == Party.Space ? null : mutation.Vault,
            Holder = vault.HolderName?.Reveal(key),
            Order = party == Party.Space ? null : mutation.Order?.Reveal(key),
            Reason = party == Party.Space ? null : ReasonOf(events)?.Reveal(key),
            Handover = party == Party.Holder ? mutation.Handover : null,
            Consents = party == Party.Holder || (mutation.To == space?.Agency && party == Party.Space) ? mutation.Granted : null,
            LeftOut = party == Party.Holder ? await LeftOutAsync(mutation, events, cancellation) : null,
            Ended = party == Party.Holder ? events.Select(stored => stored.Body).OfType<MutationTookEffect>().FirstOrDefault()?.Ended : null,
            AnnouncedAt = events[0].Timestamp,
            AcceptedAt = events.LastOrDefault(stored => stored.Body is HandoverAccepted { Procedures.Count: > 0 })?.Timestamp,
            EffectiveAt = events.FirstOrDefault(stored => stored.Body is MutationTookEffect)?.Timestamp,
            StreamVersion = version,
        };
    }

    /// <summary>As it was on the day; until then as it stands.</summary>
    private async Task<IReadOnlyList<Guid>?> LeftOutAsync(Mutation mutation, IReadOnlyList<StoredEvent> events, CancellationToken cancellation)
    {
        if (mutation.State is MutationState.Effective) return events.Select(stored => stored.Body).OfType<MutationTookEffect>().FirstOrDefault()?.LeftOut;
        if (mutation.State is not MutationState.Accepted) return null;
        var closed = new HashSet<Guid>();
        foreach (var document in mutation.HandedOver)
            if (await journal.AggregateStreamAsync<Document>(document, cancellation: cancellation) is { Erasure.IsClosed: true }) closed.Add(document);
        return TakeEffect.LeftOut(mutation, closed);
    }

    private static Party? PartyOf(Person person, AgencyEntry? space, Vault vault, Mutation mutation) =>
        vault.Holder == person.Id ? Party.Holder
        : person.Is(Kinds.Personnel) ? Party.Personnel
        : space is { IsSpace: true } && mutation.State != MutationState.Cancelled && (mutation.To == space.Agency || mutation.From == space.Agency) ? Party.Space
        : null;

    private static Personal? ReasonOf(IReadOnlyList<StoredEvent> events) => events.Select(stored => stored.Body).OfType<MutationCancelled>().FirstOrDefault()?.Reason;

    private static string StateOf(Mutation mutation) => mutation.State switch
    {
        MutationState.Accepted => "accepted",
        MutationState.Effective => "effective",
        MutationState.Cancelled => "cancelled",
        _ => "announced",
    };

    private enum Party
    {
        Holder, Personnel, Space,
    }
}

/// <summary>A mutation as one of its parties sees it; what is not theirs to see is null.</summary>
/// <param name="State"><c>announced</c>, <c>accepted</c>, <c>effective</c> or <c>cancelled</c>.</param>
/// <param name="From">The space that is left; null for a first one.</param>
/// <param name="To">The space of arrival.</param>
/// <param name="EffectiveOn">The day, in metropolitan France, at whose beginning it takes effect.</param>
public sealed record MutationView(Guid Id, string State, Guid? From, Guid To, DateOnly EffectiveOn)
{
    public string? FromName { get; init; }

    public string? ToName { get; init; }

    public Guid? Vault { get; init; }

    /// <summary>The person's name, or null once erased.</summary>
    public string? Holder { get; init; }

    public string? Order { get; init; }

    /// <summary>Why it was cancelled.</summary>
    public string? Reason { get; init; }

    /// <summary>What the holder chose; the holder's alone, also after the effect.</summary>
    public IReadOnlyList<HandoverProcedure>? Handover { get; init; }

    /// <summary>Documents of that choice that don't go, or did not, because they are erased or about to be; null for none. The holder's alone.</summary>
    public IReadOnlyList<Guid>? LeftOut { get; init; }

    /// <summary>The consents that the handover gave, for the holder and the new space.</summary>
    public IReadOnlyList<Guid>? Consents { get; init; }

    /// <summary>The old space's consents that it ended, for the holder.</summary>
    public IReadOnlyList<Guid>? Ended { get; init; }

    public DateTimeOffset AnnouncedAt { get; init; }

    public DateTimeOffset? AcceptedAt { get; init; }

    public DateTimeOffset? EffectiveAt { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public long StreamVersion { get; init; }
}
