using System.Security.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Vaults;

/// <summary>A person opens their one vault; opening it again gives the same one.</summary>
public sealed record OpenVault(Guid Vault, Guid Holder, string Address, Personal HolderName)
{
    public static Decision Decide(Vault state, OpenVault command) => state.Holder == Guid.Empty
        ? Decision.Of(new VaultOpened(command.Holder, command.Address, command.HolderName))
        : Decision.Nothing;

    public static async Task<Outcome> Handle(
        Person holder, Actor actor, ActRunner acts, Journal journal, KeyStore keys, RequestKeys request, CancellationToken cancellation)
    {
        // One person, one vault, on any node and under any race: the journal itself takes the key once only. Who had theirs erased may begin anew.
        for (var outcome = await FirstAsync(holder, actor, acts, keys, request, cancellation); ;)
        {
            if (outcome.Written is not { Repeated: true } first) return outcome;
            if ((await journal.AggregateStreamAsync<Vault>(outcome.Stream, cancellation: cancellation))?.Erasure.Erased != true) return outcome;
            outcome = await OnceAsync(holder, actor, $"vault-of:{holder.Id} after {first.Events[0].StreamId}", acts, keys, request, cancellation);
        }
    }

    /// <summary>The one that they ever opened first, also once it is erased.</summary>
    internal static Task<Outcome> FirstAsync(Person holder, Actor actor, ActRunner acts, KeyStore keys, RequestKeys request, CancellationToken cancellation) =>
        OnceAsync(holder, actor, $"vault-of:{holder.Id}", acts, keys, request, cancellation);

    private static Task<Outcome> OnceAsync(
        Person holder, Actor actor, string key, ActRunner acts, KeyStore keys, RequestKeys request, CancellationToken cancellation)
    {
        var once = actor with { IdempotencyKey = key, Fingerprint = null };
        return acts.RunAsync(once, async session =>
        {
            var id = Guid.CreateVersion7();
            await keys.CreateOwnerAsync(id, cancellation);
            var vault = await session.FetchForWriting<Vault>(id, cancellation);
            var name = await request.SealAsync(id, holder.Name, cancellation);
            return session.Take(vault, Decide(vault.State, new OpenVault(id, holder.Id, NewAddress(), name!)), once);
        }, cancellation);
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/vaults", Post).RequireAuthorization(Policies.Holder)
        .WithSummary("Open my vault").Produces<VaultView>(StatusCodes.Status201Created).Produces<VaultView>();

    private static async Task<IResult> Post(
        HttpContext http, Person person, ActRunner acts, KeyStore keys, RequestKeys request, Journal journal, CancellationToken cancellation)
    {
        var outcome = await Handle(person, http.Actor(), acts, journal, keys, request, cancellation);
        return await http.AnswerAsync(outcome, async () =>
        {
            var vault = await journal.AggregateStreamAsync<Vault>(outcome.Stream, cancellation: cancellation);
            var view = new VaultView(outcome.Stream, vault!.Address, vault.Space);
            return http.Versioned(view, 1, outcome.Written!.Repeated ? null : "/api/v1/vaults/me");
        });
    }

    /// <summary>60 random bits in an alphabet without look-alikes, to be read out at a counter: <c>CF-7K2M-9QXT-4HPA</c>.</summary>
    private static string NewAddress()
    {
        var letters = RandomNumberGenerator.GetString("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 12);
        return $"CF-{letters[..4]}-{letters[4..8]}-{letters[8..]}";
    }
}

/// <param name="Id">The vault.</param>
/// <param name="Address">What the holder tells an agency.</param>
/// <param name="Space">The ATLAS space the holder belongs to, if any.</param>
public sealed record VaultView(Guid Id, string Address, Guid? Space);
