using CoffreFort.Transparency;

namespace CoffreFort.Server.Edges.Witness;

/// <summary>What cosignatures can be verified with: the keys of the configured witnesses, and of former ones (<c>Witness:Former:0</c>, <c>Witness:Former:1</c> …).</summary>
public sealed record WitnessKeys(IReadOnlyList<NoteVerifierKey> All);
