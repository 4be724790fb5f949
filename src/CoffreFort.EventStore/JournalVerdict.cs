namespace CoffreFort.EventStore;

/// <summary>What <see cref="JournalVerification"/> found.</summary>
/// <param name="Size">How many events were read and recomputed.</param>
/// <param name="Root">32 bytes: the root over the stored bytes, whatever the head row says.</param>
/// <param name="Damages">Each damaged thing, the first <see cref="JournalVerification.MostListed"/> of them; empty when all holds.</param>
/// <param name="DamageCount">How many there are in all.</param>
public sealed record JournalVerdict(long Size, ReadOnlyMemory<byte> Root, IReadOnlyList<JournalDamage> Damages, long DamageCount)
{
    /// <summary>Whether everything holds.</summary>
    public bool Holds => DamageCount == 0;
}
