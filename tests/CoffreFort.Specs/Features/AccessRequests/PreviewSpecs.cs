using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.AccessRequests;
using CoffreFort.Server.Features.Agencies;
using static CoffreFort.Specs.Features.AccessRequests.Story;

namespace CoffreFort.Specs.Features.AccessRequests;

public sealed class PreviewSpecs
{
    private static readonly DateOnly Day = new(2026, 3, 2);
    private static readonly HeldEvidence Card = Held("identity-card") with { ExpiresOn = new DateOnly(2030, 1, 1) };
    private static readonly HeldEvidence Passport = Held("passport") with { ExpiresOn = new DateOnly(2030, 1, 1) };
    private static readonly HeldEvidence Address = Held("proof-of-address") with { IssuedOn = new DateOnly(2026, 2, 1) };

    [Fact]
    public void what_the_agency_has_no_right_to_read_is_not_due_and_not_shown()
    {
        var preview = Of(["identity-card"], Card, Address);

        Assert.Equal([Card.Document], preview.Shown.Select(piece => piece.Document!.Value));
        Assert.Equal(PieceStatus.NotDue, preview.Pieces.Single(piece => piece.Asked == "proof-of-address").Status);
        Assert.DoesNotContain(preview.Pieces, piece => piece.Asked == "vaccination-record" && piece.Status == PieceStatus.Missing);
    }

    [Fact]
    public void a_substitute_that_it_may_read_answers_for_one_that_it_may_not() =>
        Assert.Equal([Passport.Document], Of(["passport"], Card, Passport).Shown.Select(piece => piece.Document!.Value));

    [Fact]
    public void without_a_habilitation_nothing_is_due() =>
        Assert.All(Preview.Of(Enrolment, null, [Card, Address], [], Day).Pieces, piece => Assert.Equal(PieceStatus.NotDue, piece.Status));

    [Fact]
    public void a_consent_covers_a_request_when_it_reaches_all_that_is_ready()
    {
        string[] types = ["identity-card", "proof-of-address", "vaccination-record"];
        var shown = Of(types, Card, Address);

        Assert.True(Preview.IsCovered(shown, Of(types, Card, Address)));
        Assert.False(Preview.IsCovered(shown, Of(types, Card)));
        Assert.False(Preview.IsCovered(Of(types), Of(types, Card, Address)));
    }

    [Fact]
    public void a_consent_to_an_older_version_covers_as_long_as_that_version_is_fresh()
    {
        var older = Address with { Version = 1, IssuedOn = new DateOnly(2025, 12, 15) };
        var newer = Address with { Version = 2, IssuedOn = new DateOnly(2026, 2, 20) };
        string[] types = ["proof-of-address"];

        Assert.True(Preview.IsCovered(Of(types, newer), Of(types, older)));
        Assert.False(Preview.IsCovered(Of(types, newer), Of(types, older with { IssuedOn = new DateOnly(2025, 10, 1) })));
    }

    private static Evaluation Of(string[] mayRead, params HeldEvidence[] held) => Preview.Of(Enrolment, new Habilitation(mayRead, null), held, [], Day);

    private static HeldEvidence Held(string type) => new(Guid.CreateVersion7(), 1, type, null, null, null, new DateOnly(2026, 2, 25), null);
}
