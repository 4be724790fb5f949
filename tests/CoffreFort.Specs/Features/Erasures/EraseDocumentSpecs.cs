using CoffreFort.EventStore;
using CoffreFort.Server;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Erasures;
using CoffreFort.Server.Features.Vaults;

namespace CoffreFort.Specs.Features.Erasures;

[Trait("Requirement", "R-020")]
public sealed class EraseDocumentSpecs
{
    private static readonly Guid VaultId = Guid.CreateVersion7();
    private static readonly Guid Id = Guid.CreateVersion7();
    private static readonly Guid Holder = Guid.CreateVersion7();
    private static readonly Guid Operator = Guid.CreateVersion7();
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 14, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Grace = TimeSpan.FromDays(30);
    private static readonly StoredContent Content = new(BlobName.New(), 10, 82, "application/pdf", Personal.Of("avis.pdf"), "aa", "bb");
    private static readonly DocumentDeposited Deposited = new(VaultId, "tax-notice", Personal.Of("Avis"), Holder, Holder, Content, new StatedDates());
    private static readonly DocumentErasureRequested Requested = new(Holder, Now + Grace);
    private static readonly DocumentErased Erased = new(Holder, ErasureCauses.Document);
    private static readonly Vault Mine = VaultWith();

    [Fact]
    public void the_holder_has_a_document_erased_after_the_grace() =>
        Given.Stream<Document>(Deposited).When(document => Erase(document, Grace)).Then(Requested);

    [Fact]
    public void without_grace_it_is_erased_at_once() =>
        Given.Stream<Document>(Deposited).When(document => Erase(document, TimeSpan.Zero)).Then(Erased);

    [Fact]
    public void what_waits_to_be_erased_can_be_erased_at_once() =>
        Given.Stream<Document>(Deposited, Requested).When(document => Erase(document, TimeSpan.Zero)).Then(Erased);

    [Fact]
    public void asking_again_puts_nothing_off() =>
        Given.Stream<Document>(Deposited, Requested).When(document => Erase(document, Grace, now: Now.AddDays(3))).ThenNothing();

    [Fact]
    public void what_is_erased_stays_so() =>
        Given.Stream<Document>(Deposited, Erased).When(document => Erase(document, Grace)).ThenNothing();

    [Fact]
    [Trait("Requirement", "R-006")]
    public void nobody_else_can_and_it_looks_like_no_document_at_all() =>
        Given.Stream<Document>(Deposited).When(document => EraseDocument.Decide(Mine, document, new EraseDocument(Id, Guid.CreateVersion7(), Grace), Now)).ThenRefused("not-found");

    [Fact]
    public void a_legal_hold_puts_an_erasure_off_even_one_at_once() => Given.Stream<Document>(Deposited)
        .When(document => EraseDocument.Decide(VaultWith(Held(Id, Now.AddDays(90))), document, new EraseDocument(Id, Holder, TimeSpan.Zero), Now))
        .Then(new DocumentErasureRequested(Holder, Now));

    [Fact]
    public void a_hold_on_another_document_does_not() => Given.Stream<Document>(Deposited)
        .When(document => EraseDocument.Decide(VaultWith(Held(Guid.CreateVersion7(), Now.AddDays(90))), document, new EraseDocument(Id, Holder, TimeSpan.Zero), Now))
        .Then(Erased);

    [Theory]
    [InlineData(29, false)]
    [InlineData(30, true)]
    public void it_is_erased_when_the_grace_is_over_and_not_before(int days, bool due) =>
        Assert.Equal(due, EraseDueDocument.Decide(Mine, Id, Fold(Deposited, Requested), Now.AddDays(days)).Events is [DocumentErased]);

    [Theory]
    [InlineData(89, false)]
    [InlineData(90, true)]
    public void a_hold_on_the_whole_vault_wins_until_it_ends_by_itself(int days, bool due) => Assert.Equal(
        due, EraseDueDocument.Decide(VaultWith(Held(null, Now.AddDays(90))), Id, Fold(Deposited, Requested), Now.AddDays(days)).Events is [DocumentErased]);

    [Fact]
    public void a_lifted_hold_protects_nothing() => Assert.True(
        EraseDueDocument.Decide(VaultWith(Held(Id, Now.AddDays(90)), new LegalHoldLifted(Id, Operator)), Id, Fold(Deposited, Requested), Now.AddDays(31)).Events is [DocumentErased]);

    [Fact]
    public void the_holder_changes_their_mind_within_the_grace() =>
        Given.Stream<Document>(Deposited, Requested).When(document => Keep(document, Now.AddDays(29))).Then(new DocumentErasureCancelled(Holder));

    [Theory]
    [InlineData(30)]
    [InlineData(400)]
    public void once_it_is_due_it_is_too_late_also_before_anybody_wrote_that_down(int days) =>
        Given.Stream<Document>(Deposited, Requested).When(document => Keep(document, Now.AddDays(days))).ThenRefused("erased");

    [Fact]
    public void without_an_erasure_there_is_nothing_to_cancel() =>
        Given.Stream<Document>(Deposited).When(document => Keep(document, Now)).ThenRefused("no-erasure-pending");

    [Fact]
    public void during_the_grace_the_holder_still_reads_it() => Given.Stream<Document>(Deposited, Requested)
        .When(document => ReadDocument.Decide(Mine, Id, document, new ReadDocument(1, Holder, Uses.Download), Now.AddDays(29)))
        .Then(new DocumentRead(1, Holder, Uses.Download));

    [Fact]
    public void from_its_instant_on_nobody_reads_it() => Given.Stream<Document>(Deposited, Requested)
        .When(document => ReadDocument.Decide(Mine, Id, document, new ReadDocument(1, Holder, Uses.Download), Now.AddDays(30)))
        .ThenRefused("erased");

    /// <summary>Decided before it, and recorded before it or not at all: a slow append must not come after the erasure.</summary>
    [Fact]
    public void a_read_is_recorded_before_the_earlier_of_both_erasures_takes_effect()
    {
        var (document, goes) = (Fold(Deposited, Requested), new VaultErasureRequested(Holder, Now.AddDays(10)));
        Assert.Null(ErasureRefusals.LastInstant(Mine, Id, Fold(Deposited)));
        Assert.Equal(Now.AddDays(30).AddMicroseconds(-1), ErasureRefusals.LastInstant(Mine, Id, document));
        Assert.Equal(Now.AddDays(10).AddMicroseconds(-1), ErasureRefusals.LastInstant(VaultWith(goes), Id, document));
        Assert.Equal(Now.AddDays(90).AddMicroseconds(-1), ErasureRefusals.LastInstant(VaultWith(goes, Held(Id, Now.AddDays(90))), Id, document));
    }

    [Fact]
    public void nothing_is_added_to_what_waits_to_be_erased() => Given.Stream<Document>(Deposited, Requested)
        .When(document => DepositVersion.Decide(Mine, document, new DepositVersion(2, Holder, new StatedDates(), Content)))
        .ThenRefused("erasure-pending");

    [Fact]
    public void what_was_kept_after_all_is_as_before() => Given.Stream<Document>(Deposited, Requested, new DocumentErasureCancelled(Holder))
        .When(document => DepositVersion.Decide(Mine, document, new DepositVersion(2, Holder, new StatedDates(), Content)))
        .Then(new VersionDeposited(2, Holder, Content, new StatedDates()));

    private static Decision Erase(Document document, TimeSpan grace, DateTimeOffset? now = null) =>
        EraseDocument.Decide(Mine, document, new EraseDocument(Id, Holder, grace), now ?? Now);

    private static Decision Keep(Document document, DateTimeOffset now) => CancelDocumentErasure.Decide(Mine, document, new CancelDocumentErasure(Id, Holder), now);

    private static Vault VaultWith(params IEnumerable<IEvent> more) =>
        more.Prepend(new VaultOpened(Holder, "CF-0000-0000-0000", Personal.Of("Camille"))).Aggregate(Vault.Empty, Vault.Evolve);

    private static LegalHoldPlaced Held(Guid? document, DateTimeOffset until) => new(document, Personal.Of("Réquisition"), new DateOnly(2027, 1, 4), until, Operator);

    private static Document Fold(params IEnumerable<IEvent> events) => events.Aggregate(Document.Empty, Document.Evolve);
}
