using CoffreFort.Server;
using CoffreFort.Server.Features.AccessRequests;
using static CoffreFort.Specs.Features.AccessRequests.Story;

namespace CoffreFort.Specs.Features.AccessRequests;

/// <summary>Refusing, withdrawing, letting the time pass.</summary>
public sealed class AnswerSpecs
{
    private static readonly Personal Reason = Personal.Of("Je préfère venir au guichet.");

    [Fact]
    public void the_holder_refuses_with_a_reason_or_without()
    {
        Refuse(new(Holder, Reason)).Then(new AccessRefused(Holder, Reason));
        Refuse(new(Holder, null)).Then(new AccessRefused(Holder, null));
    }

    [Fact]
    public void nobody_else_refuses_for_them() => Refuse(new(Clerk, null)).ThenRefused("not-found");

    [Fact]
    public void a_refused_request_is_answered() =>
        Given.Stream<AccessRequest>(Asked, new AccessRefused(Holder, null))
            .When(state => RefuseAccessRequest.Decide(state, HolderVault, new(Holder, null), Now)).ThenRefused("already-answered");

    [Fact]
    public void any_clerk_of_the_agency_withdraws_what_nobody_answered()
    {
        Given.Stream<AccessRequest>(Asked).When(state => WithdrawAccessRequest.Decide(state, TownHall, new(Clerk), Now)).Then(new AccessRequestWithdrawn(Clerk));
        Given.Stream<AccessRequest>(Asked, new AccessApproved(Guid.CreateVersion7(), Holder))
            .When(state => WithdrawAccessRequest.Decide(state, TownHall, new(Clerk), Now)).ThenRefused("already-answered");
    }

    [Fact]
    public void somebody_who_is_no_clerk_of_the_agency_finds_no_request() =>
        Given.Stream<AccessRequest>(Asked).When(state => WithdrawAccessRequest.Decide(state, TownHall, new(Holder), Now)).ThenRefused("not-found");

    [Fact]
    public void a_request_expires_at_its_instant_and_once()
    {
        Given.Stream<AccessRequest>(Asked).When(state => ExpireAccessRequest.Decide(state, Asked.Expires.AddTicks(-1))).ThenNothing();
        Given.Stream<AccessRequest>(Asked).When(state => ExpireAccessRequest.Decide(state, Asked.Expires)).Then(new AccessRequestExpired());
        Given.Stream<AccessRequest>(Asked, new AccessRequestExpired()).When(state => ExpireAccessRequest.Decide(state, Asked.Expires)).ThenNothing();
        Given.Stream<AccessRequest>(Asked, new AccessRefused(Holder, null)).When(state => ExpireAccessRequest.Decide(state, Asked.Expires)).ThenNothing();
    }

    [Fact]
    public void a_request_past_its_time_is_expired_before_anybody_recorded_it()
    {
        Assert.Equal(AccessRequestState.Pending, Pending.StateAt(Asked.Expires.AddTicks(-1)));
        Assert.Equal(AccessRequestState.Expired, Pending.StateAt(Asked.Expires));
    }

    [Theory]
    [InlineData("Bonjour,\r\nmerci.", "Bonjour,\nmerci.")]
    [InlineData("  \u202Egnp.exe\u0000 ", "gnp.exe")]
    [InlineData(" \n ", null)]
    public void what_cannot_be_seen_is_taken_out_of_a_message(string typed, string? kept) => Assert.Equal(kept, TypedText.Clean(typed));

    private static Decided Refuse(RefuseAccessRequest command) =>
        Given.Stream<AccessRequest>(Asked).When(state => RefuseAccessRequest.Decide(state, HolderVault, command, Now));
}
