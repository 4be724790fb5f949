namespace CoffreFort.Server;

/// <summary>One page of a list, and where the next one is; null on the last.</summary>
public sealed record Paged<T>(IReadOnlyList<T> Items, string? Next);

public static class Paged
{
    /// <param name="items">One more than wanted, if there are more.</param>
    /// <param name="limit">How many are wanted.</param>
    /// <param name="next">The address of the page after a given item.</param>
    public static Paged<T> Of<T>(IReadOnlyList<T> items, int limit, Func<T, string> next) => items.Count > limit
        ? new Paged<T>([.. items.Take(limit)], next(items[limit - 1]))
        : new Paged<T>(items, null);
}
