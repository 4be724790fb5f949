using CoffreFort.EventStore;
using CoffreFort.Server;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;

namespace CoffreFort.Specs.Features.Erasures;

[Trait("Requirement", "R-020")]
public sealed class EraseVaultSpecs
{
    private static readonly Guid Holder = Guid.CreateVersion7();
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 14, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Grace = TimeSpan.FromDays(30);
    private static readonly VaultOpened Opened = new(Holder, "CF-0000-0000-0000", Personal.Of("Camille"));
    private static readonly VaultErasureRequested Requested = new(Holder, Now + Grace);
    private static readonly VaultErased Erased = new(Holder);

    [Fact]
    public void the_holder_has_the_vault_erased_after_the_grace() => Given.Stream<Vault>(Opened).When(vault => Erase(vault, Grace)).Then(Requested);

    [Fact]
    public void without_grace_it_is_erased_at_once() => Given.Stream<Vault>(Opened, Requested).When(vault => Erase(vault, TimeSpan.Zero)).Then(Erased);

    [Fact]
    [Trait("Requirement", "R-006")]
    public void nobody_else_can_and_it_looks_like_no_vault_at_all() =>
        Given.Stream<Vault>(Opened).When(vault => EraseVault.Decide(vault, new EraseVault(Guid.CreateVersion7(), Grace), Now)).ThenRefused("not-found");

    [Fact]
    public void a_hold_on_one_document_keeps_the_vault_around_it() => Given.Stream<Vault>(Opened, Held(Guid.CreateVersion7()))
        .When(vault => Erase(vault, TimeSpan.Zero)).Then(new VaultErasureRequested(Holder, Now));

    [Fact]
    public void the_holder_changes_their_mind_within_the_grace() => Given.Stream<Vault>(Opened, Requested)
        .When(vault => CancelVaultErasure.Decide(vault, new CancelVaultErasure(Holder), Now.AddDays(29))).Then(new VaultErasureCancelled(Holder));

    [Fact]
    public void once_it_is_due_it_is_too_late() => Given.Stream<Vault>(Opened, Requested)
        .When(vault => CancelVaultErasure.Decide(vault, new CancelVaultErasure(Holder), Now.AddDays(30))).ThenRefused("vault-erased");

    [Theory]
    [InlineData(29, false)]
    [InlineData(30, true)]
    public void it_is_erased_when_the_grace_is_over(int days, bool due) =>
        Assert.Equal(due, EraseDueVault.Decide(Fold(Opened, Requested), Now.AddDays(days)).Events is [VaultErased]);

    [Theory]
    [InlineData(false, "vault-erasure-pending")]
    [InlineData(true, "vault-erased")]
    public void nothing_comes_into_a_vault_that_goes(bool erased, string code)
    {
        var deposit = new DepositDocument(
            Guid.CreateVersion7(), "tax-notice", Personal.Of("Avis"), Holder, new StatedDates(),
            new StoredContent(BlobName.New(), 10, 82, "application/pdf", Personal.Of("avis.pdf"), "aa", "bb"));
        Given.Stream<Vault>(erased ? [Opened, Requested, Erased] : [Opened, Requested]).When(vault => DepositDocument.Decide(vault, deposit)).ThenRefused(code);
    }

    [Fact]
    public void an_erased_vault_has_no_posting_left_to_take_effect() =>
        Assert.Null(Fold(Opened, new PostingAnnounced(Guid.CreateVersion7()), Erased).AnnouncedMutation);

    private static Decision Erase(Vault vault, TimeSpan grace) => EraseVault.Decide(vault, new EraseVault(Holder, grace), Now);

    private static LegalHoldPlaced Held(Guid? document) =>
        new(document, Personal.Of("Réquisition"), new DateOnly(2027, 1, 4), Now.AddDays(90), Guid.CreateVersion7());

    private static Vault Fold(params IEnumerable<IEvent> events) => events.Aggregate(Vault.Empty, Vault.Evolve);
}
