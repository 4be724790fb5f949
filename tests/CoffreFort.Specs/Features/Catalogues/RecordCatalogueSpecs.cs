using CoffreFort.Server.Features.Catalogues;

namespace CoffreFort.Specs.Features.Catalogues;

public sealed class RecordCatalogueSpecs
{
    private static readonly CatalogueChanged first = new("2026-11", "aa", "2026-11", "bb");

    [Fact]
    public void the_first_catalogue_and_each_that_differs_are_recorded_and_the_same_one_is_not()
    {
        Given.Nothing<CatalogueInForce>().When(state => RecordCatalogue.Decide(state, first)).Then(first);
        Given.Stream<CatalogueInForce>(first).When(state => RecordCatalogue.Decide(state, first)).ThenNothing();
        foreach (var other in new[] { first with { ProceduresSha256 = "cc" }, first with { EvidenceTypesSha256 = "cc" } })
        {
            Given.Stream<CatalogueInForce>(first).When(state => RecordCatalogue.Decide(state, other)).Then(other);
            Given.Stream<CatalogueInForce>(first, other).When(state => RecordCatalogue.Decide(state, first)).Then(first);
        }
    }
}
