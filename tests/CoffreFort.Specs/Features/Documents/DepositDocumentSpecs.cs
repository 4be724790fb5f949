using CoffreFort.Server;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;

namespace CoffreFort.Specs.Features.Documents;

public sealed class DepositDocumentSpecs
{
    private static readonly Guid Vault = Guid.CreateVersion7();
    private static readonly Guid Holder = Guid.CreateVersion7();
    private static readonly VaultOpened Opened = new(Holder, "CF-0000-0000-0000", Personal.Of("Camille"));
    private static readonly StoredContent Content = new(BlobName.New(), 10, 82, "application/pdf", Personal.Of("avis.pdf"), "aa", "bb");
    private static readonly DepositDocument Deposit = new(Vault, "tax-notice", Personal.Of("Avis"), Holder, new StatedDates(), Content);

    [Fact]
    public void a_holder_deposits_into_their_own_vault() =>
        Given.Stream<Vault>(Opened)
            .When(vault => DepositDocument.Decide(vault, Deposit))
            .Then(new DocumentDeposited(Vault, "tax-notice", Deposit.Title!, Holder, Holder, Content, Deposit.Dates));

    [Fact]
    [Trait("Requirement", "R-006")]
    public void somebody_elses_vault_looks_like_none_at_all() =>
        Given.Stream<Vault>(Opened)
            .When(vault => DepositDocument.Decide(vault, Deposit with { Depositor = Guid.CreateVersion7() }))
            .ThenRefused("not-found");

    [Fact]
    public void a_vault_that_does_not_exist_takes_nothing() =>
        Given.Nothing<Vault>().When(vault => DepositDocument.Decide(vault, Deposit)).ThenRefused("not-found");

    [Fact]
    public void a_document_does_not_end_before_it_begins() =>
        Given.Stream<Vault>(Opened)
            .When(vault => DepositDocument.Decide(vault, Deposit with { Dates = new StatedDates(new DateOnly(2026, 5, 2), new DateOnly(2026, 5, 1)) }))
            .ThenRefused("dates-reversed");

    [Fact]
    public void nothing_is_recorded_while_the_bytes_are_still_to_come() =>
        Given.Stream<Vault>(Opened).When(vault => DepositDocument.Decide(vault, Deposit with { Content = null })).ThenNothing();
}
