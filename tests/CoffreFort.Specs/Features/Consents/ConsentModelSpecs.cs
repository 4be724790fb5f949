using CoffreFort.Server.Features.Consents;
using FsCheck;
using FsCheck.Fluent;
using static CoffreFort.Specs.Features.Consents.ConsentScene;

namespace CoffreFort.Specs.Features.Consents;

/// <summary>Random lives of a consent against the plainest model of rule 3: four numbers and a flag.</summary>
public sealed class ConsentModelSpecs
{
    [Fact]
    public void a_consent_covers_exactly_what_it_says() => Prop.ForAll(
        (from terms in Terms from steps in Step.ListOf() select (terms, steps)).ToArbitrary(),
        life => Follow(life.terms, life.steps)).QuickCheckThrowOnFailure();

    private static readonly Gen<ConsentGranted> Terms =
        from begins in Gen.Choose(0, 5)
        from lasts in Gen.Choose(1, 20)
        from uses in Gen.Choose(0, 4)
        from standing in Gen.Elements(true, false)
        from delivery in Gen.Elements(Deliveries.View, Deliveries.Download)
        select Granted with
        {
            From = Start.AddDays(begins),
            Until = Start.AddDays(begins + lasts),
            Uses = uses == 0 ? null : uses,
            Delivery = delivery,
            Pieces = standing ? [] : Granted.Pieces,
            EvidenceTypes = standing ? ["tax-notice"] : [],
        };

    private static readonly Gen<Move> Step = Gen.Frequency(
        (8, from own in Gen.Frequency((5, Gen.Constant(true)), (1, Gen.Constant(false)))
            from scoped in Gen.Frequency((5, Gen.Constant(true)), (1, Gen.Constant(false)))
            from use in Gen.Elements(null, Deliveries.View, Deliveries.Download)
            select (Move)new Read(own, scoped, use)),
        (1, Gen.Constant<Move>(new Revoke())),
        (4, from days in Gen.Choose(1, 6) select (Move)new Wait(days)));

    private static bool Follow(ConsentGranted terms, IEnumerable<Move> steps)
    {
        var consent = Consent.Evolve(Consent.Empty, terms);
        var (now, used, revoked) = (Start, 0, false);
        foreach (var step in steps)
        {
            switch (step)
            {
                case Wait wait:
                    now = now.AddDays(wait.Days);
                    break;
                case Revoke:
                    (consent, revoked) = (Consent.Evolve(consent, new ConsentRevoked(Holder, RevocationCauses.Holder, null)), true);
                    break;
                case Read read:
                    var may = read.ByGrantee && read.InScope && !revoked && now >= terms.From && now < terms.Until
                        && (terms.Uses is null || used < terms.Uses) && (read.Use != Deliveries.Download || terms.Delivery == Deliveries.Download);
                    var command = Reading with { Clerk = read.ByGrantee ? Clerk : Holder, Document = read.InScope ? Notice : VaultId, Use = read.Use };
                    var document = read.InScope ? TaxNotice : TaxNotice with { Vault = Holder };
                    var decision = ReadEvidence.Decide(consent, Employer, document, command, now);
                    if (decision.Refusal is null != may || decision.Events.Count != (may ? 1 : 0)) return false;
                    foreach (var @event in decision.Events) consent = Consent.Evolve(consent, @event);
                    used += may ? 1 : 0;
                    break;
            }

            if (consent.Used != used) return false;
        }

        return true;
    }

    private abstract record Move;

    private sealed record Read(bool ByGrantee, bool InScope, string? Use) : Move;

    private sealed record Revoke : Move;

    private sealed record Wait(int Days) : Move;
}
