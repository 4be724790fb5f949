using CoffreFort.EventStore;
using CoffreFort.Server.Views;

namespace CoffreFort.Server.Features.Mutations;

/// <summary>Which postings are announced, for whom, from where to where and when, and how far each has come. No document stands here.</summary>
public sealed class MutationList : Projection
{
    public override string Name => "mutation_list";

    protected override string Table => """
        create table if not exists mutation_list (
            mutation     uuid primary key,
            vault        uuid not null,
            from_space   uuid,
            to_space     uuid not null,
            effective_on date not null,
            state        varchar(20) not null
        );
        create index if not exists mutation_list_vault on mutation_list (vault);
        create index if not exists mutation_list_from on mutation_list (from_space);
        create index if not exists mutation_list_to on mutation_list (to_space);
        create index if not exists mutation_list_open on mutation_list (effective_on) where state in ('announced', 'accepted');
        """;

    protected override void Project(StoredEvent stored, SqlBatch sql)
    {
        switch (stored.Body)
        {
            case MutationAnnounced e:
                sql.Add($"""
                    insert into mutation_list (mutation, vault, from_space, to_space, effective_on, state)
                    values ({stored.StreamId}, {e.Vault}, {e.From}, {e.To}, {e.EffectiveOn}, 'announced')
                    """);
                break;
            case MutationRescheduled e:
                sql.Add($"update mutation_list set effective_on = {e.EffectiveOn} where mutation = {stored.StreamId}");
                break;
            case HandoverAccepted e:
                sql.Add($"""
                    update mutation_list set state = {(e.Procedures.Count > 0 ? "accepted" : "announced")}
                    where mutation = {stored.StreamId} and state <> 'effective'
                    """);
                break;
            case MutationTookEffect:
                sql.Add($"update mutation_list set state = 'effective' where mutation = {stored.StreamId}");
                break;
            case MutationCancelled:
                sql.Add($"update mutation_list set state = 'cancelled' where mutation = {stored.StreamId}");
                break;
        }
    }
}

/// <summary>Finds mutations. What a decision rests on is read from their streams, not from here.</summary>
public sealed class MutationFinder(ViewDatabase views, ReadPosition position)
{
    /// <summary>In the order of their announcement, the latest first.</summary>
    /// <param name="vault">Only this vault's.</param>
    /// <param name="space">Only this space's arrivals and departures; what was cancelled is no longer its business.</param>
    /// <param name="before">Only what was announced before this one.</param>
    public async Task<IReadOnlyList<MutationEntry>> ListAsync(Guid? vault, Guid? space, Guid? before, int limit, CancellationToken cancellation)
    {
        await position.ReachAsync(["mutation_list"], cancellation);
        return await views.QueryAsync(
            $"""
            select mutation, vault from coffrefort_views.mutation_list
            where ({vault}::uuid is null or vault = {vault}) and ({space}::uuid is null or (({space} in (from_space, to_space)) and state <> 'cancelled'))
              and ({before}::uuid is null or mutation < {before})
            order by mutation desc limit {limit}
            """,
            row => new MutationEntry(row.GetGuid(0), row.GetGuid(1)), cancellation);
    }
}

public sealed record MutationEntry(Guid Mutation, Guid Vault);
