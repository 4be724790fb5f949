using CoffreFort.Server;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Erasures;
using CoffreFort.Server.Features.Vaults;
using FsCheck;
using FsCheck.Fluent;

namespace CoffreFort.Specs.Features.Erasures;

/// <summary>Random lives of a document in its vault against the plainest model of rule 7: three days and two flags.</summary>
public sealed class ErasureModelSpecs
{
    private static readonly Guid VaultId = Guid.CreateVersion7();
    private static readonly Guid Id = Guid.CreateVersion7();
    private static readonly Guid Holder = Guid.CreateVersion7();
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 14, 0, 0, TimeSpan.Zero);
    private static readonly StoredContent Content = new(BlobName.New(), 10, 82, "application/pdf", Personal.Of("avis.pdf"), "aa", "bb");

    private enum Act
    {
        Erase, EraseVault, Keep, KeepVault, Hold, HoldVault, Lift, LiftVault, Tick, Read, Add, Wait,
    }

    private sealed record Step(Act Act, int Days);

    private static readonly Gen<Step> step =
        from act in Gen.Frequency(
            (3, Gen.Constant(Act.Erase)), (1, Gen.Constant(Act.EraseVault)), (2, Gen.Constant(Act.Keep)), (2, Gen.Constant(Act.KeepVault)), (1, Gen.Constant(Act.Hold)),
            (1, Gen.Constant(Act.HoldVault)), (1, Gen.Constant(Act.Lift)), (1, Gen.Constant(Act.LiftVault)), (3, Gen.Constant(Act.Tick)), (4, Gen.Constant(Act.Read)),
            (2, Gen.Constant(Act.Add)), (5, Gen.Constant(Act.Wait)))
        from days in Gen.Choose(0, 6)
        select new Step(act, days);

    [Fact]
    [Trait("Requirement", "R-019")]
    [Trait("Requirement", "R-020")]
    public void a_document_is_read_and_added_to_exactly_as_long_as_it_may_be() =>
        Prop.ForAll(step.ListOf().ToArbitrary(), steps => new Life().Follow(steps)).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private sealed class Life
    {
        private Vault _vault = Vault.Evolve(Vault.Empty, new VaultOpened(Holder, "CF-0000-0000-0000", Personal.Of("Camille")));
        private Document _document = Document.Evolve(Document.Empty, new DocumentDeposited(VaultId, "tax-notice", Personal.Of("Avis"), Holder, Holder, Content, new StatedDates()));
        private int _today;

        // The model: on which days things are due and until which they are held.
        private int? _due;
        private int? _vaultDue;
        private int _held;
        private int _vaultHeld;
        private bool _gone;
        private bool _vaultGone;

        private DateTimeOffset Now => Start.AddDays(_today);

        // What is due is gone from its day on, whoever writes that down and when.
        private bool VaultOver => _vaultGone || (_vaultDue is { } due && _today >= Math.Max(due, Math.Max(_held, _vaultHeld)));

        private bool DocumentOver => _gone || (_due is { } due && _today >= Math.Max(due, Math.Max(_held, _vaultHeld)));

        private bool Over => VaultOver || DocumentOver;

        public bool Follow(IEnumerable<Step> steps) => steps.All(one => Do(one));

        private bool Do(Step step) => step.Act switch
        {
            Act.Wait => Wait(step.Days),
            Act.Erase => Erase(step.Days),
            Act.EraseVault => EraseAll(step.Days),
            Act.Keep => Is(CancelDocumentErasure.Decide(_vault, _document, new CancelDocumentErasure(Id, Holder), Now), !Over && _due is not null, () => _due = null),
            Act.KeepVault => Is(CancelVaultErasure.Decide(_vault, new CancelVaultErasure(Holder), Now), !VaultOver && _vaultDue is not null, () => _vaultDue = null),
            Act.Hold => Held(Id, step.Days, until => _held = until),
            Act.HoldVault => Held(null, step.Days, until => _vaultHeld = until),
            Act.Lift => Lifted(Id, () => _held = 0),
            Act.LiftVault => Lifted(null, () => _vaultHeld = 0),
            Act.Tick => Tick(),
            Act.Read => Is(ReadDocument.Decide(_vault, Id, _document, new ReadDocument(1, Holder, Uses.Download), Now), !Over, () => { }),
            _ => Is(
                DepositVersion.Decide(_vault, _document, new DepositVersion(_document.Latest.Number + 1, Holder, new StatedDates(), Content)),
                !Over && _due is null && _vaultDue is null, () => { }),
        };

        private bool Wait(int days)
        {
            _today += days;
            return true;
        }

        private bool Erase(int grace)
        {
            Take(EraseDocument.Decide(_vault, _document, new EraseDocument(Id, Holder, TimeSpan.FromDays(grace)), Now));
            // In a vault that is gone nothing is decided any more: whoever carries its erasure out ends its documents.
            if (!_gone && !_vaultGone) _due = Math.Min(_due ?? int.MaxValue, _today + grace);
            if (!_vaultGone) _gone |= DocumentOver;
            return _document.Erasure.Erased == _gone;
        }

        private bool EraseAll(int grace)
        {
            Take(EraseVault.Decide(_vault, new EraseVault(Holder, TimeSpan.FromDays(grace)), Now));
            if (!_vaultGone) _vaultDue = Math.Min(_vaultDue ?? int.MaxValue, _today + grace);
            _vaultGone |= VaultOver;
            return _vault.Erasure.Erased == _vaultGone;
        }

        private bool Tick()
        {
            Take(EraseDueDocument.Decide(_vault, Id, _document, Now));
            Take(EraseDueVault.Decide(_vault, Now));
            _gone |= DocumentOver;
            _vaultGone |= VaultOver;
            return _document.Erasure.Erased == _gone && _vault.Erasure.Erased == _vaultGone;
        }

        private bool Held(Guid? document, int days, Action<int> model)
        {
            var place = new PlaceLegalHold(document, document is null ? Document.Empty : _document, Personal.Of("Réquisition"), FrenchCalendar.DayOf(Now), Now.AddDays(days), Guid.Empty);
            return Is(PlaceLegalHold.Decide(_vault, place, Now), days > 0 && !VaultOver && (document is null || !DocumentOver), () => model(_today + days));
        }

        private bool Lifted(Guid? document, Action model)
        {
            var stands = _vault.Holds.Any(hold => hold.Document == document);
            return Is(LiftLegalHold.Decide(_vault, new LiftLegalHold(document, Guid.Empty)), stands, model);
        }

        private bool Is(Decision decision, bool may, Action model)
        {
            if (decision.Refusal is null != may) return false;
            if (may) model();
            Take(decision);
            return true;
        }

        private void Take(Decision decision)
        {
            foreach (var @event in decision.Events)
                (_document, _vault) = (Document.Evolve(_document, @event), Vault.Evolve(_vault, @event));
        }
    }
}
