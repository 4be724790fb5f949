namespace CoffreFort.Server.Features.Erasures;

/// <summary>How far the erasure of a document, or of a vault, has come. A legal hold wins over it as long as it stands.</summary>
public sealed record Erasure
{
    public static Erasure None { get; } = new();

    /// <summary>When it is to take effect, once it was asked for and not taken back.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>Who asked.</summary>
    public Guid By { get; init; }

    /// <summary>It took effect: nothing is read any more.</summary>
    public bool Erased { get; init; }

    /// <summary>Keys and blobs are gone.</summary>
    public bool Destroyed { get; init; }

    /// <summary>Asked for or done: nobody but the holder sees it, and nothing is added to it.</summary>
    public bool IsClosed => Due is not null || Erased;

    /// <summary>From when on it is erased; null while nobody asked.</summary>
    /// <param name="heldUntil">Until when a legal hold protects it.</param>
    public DateTimeOffset? TakesEffect(DateTimeOffset? heldUntil) => Due is { } at && heldUntil > at ? heldUntil : Due;

    /// <summary>Whether nothing may be read any more at this instant, also in the moments before that is recorded.</summary>
    public bool HasEnded(DateTimeOffset now, DateTimeOffset? heldUntil) => Erased || now >= TakesEffect(heldUntil);
}
