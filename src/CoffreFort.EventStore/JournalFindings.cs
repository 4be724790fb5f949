namespace CoffreFort.EventStore;

/// <summary>What a verification has found so far: all of it told, the first of it kept. Not safe for concurrent use.</summary>
internal sealed class JournalFindings(Action<JournalDamage>? found)
{
    private readonly List<JournalDamage> _kept = [];

    public IReadOnlyList<JournalDamage> Kept => _kept;

    public long Count { get; private set; }

    public void AboutEvent(string code, long position, Guid? stream, string message) => Add(new(code, $"mt_events seq_id={position}", position, stream, message));

    public void About(string code, string thing, string message, Guid? stream = null) => Add(new(code, thing, null, stream, message));

    private void Add(JournalDamage damage)
    {
        Count++;
        found?.Invoke(damage);
        if (_kept.Count < JournalVerification.MostListed) _kept.Add(damage);
    }
}
