namespace CoffreFort.EventStore;

/// <summary>Appends that will share a transaction, and what becomes of them if the journal stands as it is taken to. Not safe for concurrent use.</summary>
internal sealed class PendingGroup(List<PendingAppend> appends)
{
    public List<PendingAppend> Appends => appends;

    public int EventCount { get; private set; } = appends.Sum(append => append.EventCount);

    /// <summary>What becomes of all of them; null when that was not decided yet, or can't be before the lock.</summary>
    public GuessedGroup? Guess { get; set; }

    /// <summary>What is decided has its time. An append that was decided on later than that can't join.</summary>
    public bool Admits(PendingAppend append) => Guess is null || append.NotBefore <= Guess.Group.Now;

    /// <summary>Takes out what no longer can be written.</summary>
    /// <returns>What was taken out.</returns>
    public IReadOnlyList<PendingAppend> Remove(Predicate<PendingAppend> outdated)
    {
        if (!appends.Exists(outdated)) return [];
        var removed = appends.FindAll(outdated);
        appends.RemoveAll(outdated);
        EventCount = appends.Sum(append => append.EventCount);
        Guess = null;
        return removed;
    }

    public void Add(PendingAppend append)
    {
        appends.Add(append);
        EventCount += append.EventCount;
        if (Guess is not null && !(Admits(append) && Guess.Take(append))) Guess = null;
    }
}
