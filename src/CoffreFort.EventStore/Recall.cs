namespace CoffreFort.EventStore;

/// <summary>What a session does with the states of streams that this node remembers.</summary>
public enum Recall
{
    /// <summary>It fetches every stream, and leaves nothing behind to be remembered.</summary>
    None,

    /// <summary>It fetches every stream; what it fetched and what it saved is remembered.</summary>
    Keep,

    /// <summary>
    /// It takes a stream as this node remembers it, and fetches the others. Saving fails with <see cref="ConcurrencyException"/> unless every stream that was
    /// taken so stands where it was remembered, whatever was done with it: what is saved was decided on the truth. A refusal was perhaps not: then decide again on what is fetched.
    /// </summary>
    Rely,
}
