namespace CoffreFort.Server.Operations.Integrity;

/// <summary>Where the checks put what they find and how far they are. Constant memory; not safe for concurrent use.</summary>
/// <param name="found">Told of each finding.</param>
/// <param name="progress">Told of an area how much of it is done, and of how much.</param>
public sealed class IntegrityReport(Action<Finding>? found = null, Action<string, long, long>? progress = null)
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _looked = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _damaged = new(StringComparer.Ordinal);

    public long DamageCount => _counts.GetValueOrDefault(Finding.Kinds.Damaged);

    /// <summary>How many findings of each kind there are.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>How many things of each sort were looked at.</summary>
    public IReadOnlyDictionary<string, long> Looked => _looked;

    /// <summary>How much is damaged in each table or sort of file: of many lines, what an operator reads first.</summary>
    public IReadOnlyDictionary<string, long> DamagedIn => _damaged;

    public void Damaged(string area, string thing, string what)
    {
        var sort = thing.Split(' ', 2)[0];
        _damaged[sort] = _damaged.GetValueOrDefault(sort) + 1;
        Add(new Finding(Finding.Kinds.Damaged, area, thing, what));
    }

    public void Garbage(string area, string thing, string what) => Add(new Finding(Finding.Kinds.Garbage, area, thing, what));

    public void Unchecked(string area, string thing, string what) => Add(new Finding(Finding.Kinds.Unchecked, area, thing, what));

    public void LookedAt(string things, long count = 1) => _looked[things] = _looked.GetValueOrDefault(things) + count;

    public void Progress(string area, long done, long of) => progress?.Invoke(area, done, of);

    private void Add(Finding finding)
    {
        _counts[finding.Kind] = _counts.GetValueOrDefault(finding.Kind) + 1;
        found?.Invoke(finding);
    }
}
