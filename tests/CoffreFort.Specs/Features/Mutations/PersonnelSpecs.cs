using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Vaults;

namespace CoffreFort.Specs.Features.Mutations;

/// <summary>What the personnel service may do: announce, reschedule, cancel.</summary>
public sealed class PersonnelSpecs
{
    private static readonly DateTimeOffset Now = new(2026, 4, 1, 10, 0, 0, TimeSpan.Zero);
    private static readonly Agency Brest = Posting.State<Agency>(Posting.Space);
    private static readonly AnnounceMutation Announce = new(Posting.Id, Posting.Vault, null, Posting.Brest, Posting.Day, null, Posting.Officer);

    private static GivenState<Vault> InToulon => Given.Stream<Vault>(Posting.Opened, Posting.InToulon);

    [Fact]
    public void a_posting_is_announced_from_the_space_the_holder_belongs_to()
    {
        var decided = InToulon.When(vault => AnnounceMutation.Decide(vault, Brest, Announce, Now));
        decided.Then(new PostingAnnounced(Posting.Id));
        var start = Assert.Single(decided.Decision.Starts);
        Assert.Equal(Posting.Id, start.Id);
        Assert.Equal([Posting.Announced], start.Events);
    }

    [Fact]
    public void a_first_space_is_assigned_from_none()
    {
        var decided = Given.Stream<Vault>(Posting.Opened).When(vault => AnnounceMutation.Decide(vault, Brest, Announce, Now));
        Assert.Equal([Posting.Announced with { From = null }], Assert.Single(decided.Decision.Starts).Events);
    }

    [Fact]
    public void only_one_mutation_is_open_at_a_time() =>
        Given.Stream<Vault>(Posting.Opened, Posting.InToulon, new PostingAnnounced(Guid.CreateVersion7()))
            .When(vault => AnnounceMutation.Decide(vault, Brest, Announce, Now)).ThenRefused("mutation-open");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void after_a_cancellation_or_an_effect_another_one_may_be_announced(bool cancelled)
    {
        EventStore.IEvent closing = cancelled ? new PostingCancelled(Posting.Id) : new SpaceAssigned(Posting.Toulon, Posting.Id);
        var decided = Given.Stream<Vault>(Posting.Opened, Posting.InToulon, new PostingAnnounced(Posting.Id), closing)
            .When(vault => AnnounceMutation.Decide(vault, Brest, Announce, Now));
        Assert.Null(decided.Decision.Refusal);
    }

    [Fact]
    public void a_vault_that_does_not_exist_is_posted_nowhere() =>
        Given.Nothing<Vault>().When(vault => AnnounceMutation.Decide(vault, Brest, Announce, Now)).ThenRefused("not-found");

    [Fact]
    public void nobody_is_posted_to_an_agency_that_is_no_space() =>
        InToulon.When(vault => AnnounceMutation.Decide(vault, Posting.State<Agency>(Posting.Space with { Kind = "caf" }), Announce, Now)).ThenRefused("not-a-space");

    [Fact]
    public void nobody_is_posted_where_they_are() =>
        InToulon.When(vault => AnnounceMutation.Decide(vault, Brest, Announce with { To = Posting.Toulon }, Now)).ThenRefused("same-space");

    [Fact]
    public void a_posting_from_another_space_than_theirs_is_an_error() =>
        InToulon.When(vault => AnnounceMutation.Decide(vault, Brest, Announce with { From = Posting.Brest }, Now)).ThenRefused("from-mismatch");

    [Theory]
    [InlineData("2028-04-01", null)]
    [InlineData("2028-04-02", "date-too-far")]
    [InlineData("2026-04-01", null)]
    [InlineData("2020-01-01", null)]
    [InlineData("0001-01-01", "date-too-old")]
    [InlineData("9999-12-31", "date-too-far")]
    public void the_day_may_have_come_and_lies_at_most_24_months_ahead(string day, string? code)
    {
        var on = DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(code, AnnounceMutation.Decide(InToulon.State, Brest, Announce with { EffectiveOn = on }, Now).Refusal?.Code);
        Assert.Equal(code, RescheduleMutation.Decide(Posting.State<Mutation>(Posting.Announced), new RescheduleMutation(on, Posting.Officer), Now).Refusal?.Code);
    }

    [Fact]
    public void an_open_posting_moves_to_another_day()
    {
        var later = Posting.Day.AddDays(30);
        Given.Stream<Mutation>(Posting.Announced, Posting.Accepted)
            .When(mutation => RescheduleMutation.Decide(mutation, new RescheduleMutation(later, Posting.Officer), Posting.Before))
            .Then(new MutationRescheduled(later, Posting.Officer));
    }

    [Fact]
    public void moving_it_to_its_own_day_changes_nothing() =>
        Given.Stream<Mutation>(Posting.Announced)
            .When(mutation => RescheduleMutation.Decide(mutation, new RescheduleMutation(Posting.Day, Posting.Officer), Now)).ThenNothing();

    [Fact]
    public void an_open_posting_is_cancelled() =>
        Given.Stream<Mutation>(Posting.Announced)
            .When(mutation => CancelMutation.Decide(mutation, new CancelMutation(null, Posting.Officer), Posting.Before))
            .Then(new MutationCancelled(Posting.Officer, null));

    [Fact]
    public void cancelling_twice_changes_nothing() =>
        Given.Stream<Mutation>(Posting.Announced, new MutationCancelled(Posting.Officer, null))
            .When(mutation => CancelMutation.Decide(mutation, new CancelMutation(null, Posting.Officer), Now)).ThenNothing();

    [Fact]
    public void from_its_first_instant_on_a_posting_is_neither_moved_nor_cancelled()
    {
        foreach (var mutation in new[] { Given.Stream<Mutation>(Posting.Announced), Given.Stream<Mutation>(Posting.Announced, new MutationTookEffect([], [])) })
        {
            mutation.When(state => RescheduleMutation.Decide(state, new RescheduleMutation(Posting.Day.AddDays(1), Posting.Officer), Posting.Effect)).ThenRefused("mutation-effective");
            mutation.When(state => CancelMutation.Decide(state, new CancelMutation(null, Posting.Officer), Posting.Effect)).ThenRefused("mutation-effective");
        }
    }

    [Fact]
    public void what_was_cancelled_is_not_moved() =>
        Given.Stream<Mutation>(Posting.Announced, new MutationCancelled(Posting.Officer, null))
            .When(state => RescheduleMutation.Decide(state, new RescheduleMutation(Posting.Day.AddDays(1), Posting.Officer), Now)).ThenRefused("mutation-cancelled");

    [Fact]
    public void what_does_not_exist_is_neither_moved_nor_cancelled()
    {
        Given.Nothing<Mutation>().When(state => RescheduleMutation.Decide(state, new RescheduleMutation(Posting.Day, Posting.Officer), Now)).ThenRefused("not-found");
        Given.Nothing<Mutation>().When(state => CancelMutation.Decide(state, new CancelMutation(null, Posting.Officer), Now)).ThenRefused("not-found");
    }
}
