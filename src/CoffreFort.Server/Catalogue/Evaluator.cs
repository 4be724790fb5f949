namespace CoffreFort.Server.Catalogue;

/// <summary>One evaluation: the rules of choice are stated on <see cref="Requirements"/>.</summary>
internal sealed class Evaluator(IReadOnlyList<HeldEvidence> held, Situation situation, DateOnly asOf)
{
    private sealed record Candidate(HeldEvidence Held, AcceptedType Accepted, int Order, FreshnessVerdict Verdict);

    internal Outcome Choose(Requirement requirement) => requirement switch
    {
        AllOf all => Outcome.Sum([.. all.Of.Select(Choose)]),
        AnyOf any => ChooseSome(any.Of, 1, reportTheRest: false),
        AtLeastOf atLeast => ChooseSome(atLeast.Of, atLeast.Count, reportTheRest: false),
        ExactlyOf exactly => ChooseSome(exactly.Of, exactly.Count, reportTheRest: true),
        WhenSituation conditional => ChooseWhen(conditional),
        MayDecline mayDecline => ChooseOrDecline(mayDecline),
        EvidenceNeeded leaf => ChooseDocument(leaf),
        _ => throw new ArgumentOutOfRangeException(nameof(requirement), requirement, "unknown requirement"),
    };

    private Outcome ChooseSome(IReadOnlyList<Requirement> parts, int count, bool reportTheRest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, parts.Count);
        var ranked = parts.Select((part, order) => (Outcome: Choose(part), Order: order)).OrderBy(one => one.Outcome.Cost).ThenBy(one => one.Order).ToList();
        var chosen = ranked.Take(count).Select(one => one.Order).ToHashSet();
        return Outcome.Sum([.. ranked
            .OrderBy(one => one.Order)
            .Where(one => reportTheRest || chosen.Contains(one.Order))
            .Select(one => chosen.Contains(one.Order) ? one.Outcome : one.Outcome.Excluded())]);
    }

    private Outcome ChooseWhen(WhenSituation conditional)
    {
        var holds = situation.Flags.Contains(conditional.Situation);
        var otherwise = conditional.Otherwise is { } other ? Choose(other) : Outcome.Nothing;
        return holds ? Choose(conditional.Then) : Outcome.Sum([otherwise, Choose(conditional.Then).Excluded()]);
    }

    private Outcome ChooseOrDecline(MayDecline mayDecline)
    {
        var supplied = Choose(mayDecline.Of);
        if (supplied.Cost.Unmet == 0 && !situation.Declined.Contains(mayDecline.Choice))
            return supplied;
        var notSupplied = supplied.Due.Select(piece => new Piece(
            piece.Asked,
            piece.Asked,
            PieceStatus.NotSupplied,
            piece.Role,
            WouldDo: piece.Status == PieceStatus.Satisfied ? [] : piece.WouldDo,
            Choice: mayDecline.Choice,
            Effect: mayDecline.Effect,
            Rule: mayDecline.Rule));
        return new(default(Cost) with { NotSupplied = 1 }, [.. notSupplied], supplied.NotDue);
    }

    private Outcome ChooseDocument(EvidenceNeeded leaf)
    {
        var accepted = AcceptedType.Of(leaf);
        var candidates = accepted
            .SelectMany((type, order) => held
                .Where(one => one.EvidenceType == type.EvidenceType)
                .Select(one => new Candidate(one, type, order, FreshnessVerdict.Judge(one, type.Freshness, situation, asOf))))
            .ToList();
        if (BestFresh(candidates) is { } fresh)
            return OutcomeOf(Satisfied(leaf, fresh), fresh.Accepted.Sensitivity);
        var renewals = accepted.Select(type => Remedies.Deposit(type, situation, asOf)).ToList();
        if (LatestStale(candidates) is { } stale)
        {
            var piece = Answer(leaf, stale, PieceStatus.Stale) with { StaleSince = stale.Verdict.End, WouldDo = renewals };
            return OutcomeOf(piece, stale.Accepted.Sensitivity);
        }

        return OutcomeOf(new(leaf.EvidenceType, leaf.EvidenceType, PieceStatus.Missing, leaf.Role, WouldDo: renewals), leaf.Sensitivity);
    }

    private static Outcome OutcomeOf(Piece piece, Sensitivity sensitivity) => new(Cost.Of(piece, sensitivity), [piece], []);

    private Candidate? BestFresh(IEnumerable<Candidate> candidates) => Newest(candidates
        .Where(one => one.Verdict.Usable && (one.Verdict.End is not { } end || asOf < end))
        .OrderBy(one => one.Accepted.Sensitivity)
        .ThenBy(one => one.Order)).FirstOrDefault();

    private Candidate? LatestStale(IEnumerable<Candidate> candidates) => Newest(candidates
        .Where(one => one.Verdict.Usable && one.Verdict.End <= asOf)
        .OrderByDescending(one => one.Verdict.End)
        .ThenBy(one => one.Order)).FirstOrDefault();

    private static IOrderedEnumerable<Candidate> Newest(IOrderedEnumerable<Candidate> candidates) => candidates
        .ThenByDescending(one => one.Verdict.NewestPeriod)
        .ThenByDescending(one => one.Held.DepositedOn)
        .ThenByDescending(one => one.Held.Document)
        .ThenByDescending(one => one.Held.Version);

    private static Piece Satisfied(EvidenceNeeded leaf, Candidate fresh) => Answer(leaf, fresh, PieceStatus.Satisfied) with
    {
        FreshUntil = fresh.Verdict.End?.AddDays(-1),
        Assumptions = fresh.Verdict.Assumptions,
        WouldDo = [.. Remedies.State(fresh.Held, fresh.Verdict)],
    };

    private static Piece Answer(EvidenceNeeded leaf, Candidate candidate, PieceStatus status) => new(
        leaf.EvidenceType, candidate.Accepted.EvidenceType, status, leaf.Role, candidate.Held.Document, candidate.Held.Version);
}
