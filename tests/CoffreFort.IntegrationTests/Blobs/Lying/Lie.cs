namespace CoffreFort.IntegrationTests.Blobs.Lying;

/// <summary>The ways in which a blob store fails or lies here.</summary>
public enum Lie
{
    /// <summary>No answer: connections break.</summary>
    Outage,

    /// <summary>Each answer takes its time.</summary>
    Slow,

    /// <summary>500, or a failure before anything was done.</summary>
    Broken,

    /// <summary>503, or a failure in the middle of a transfer.</summary>
    Busy,

    /// <summary>429, or every call refused that comes too soon.</summary>
    Throttled,

    /// <summary>Half of a body arrives.</summary>
    CutBody,

    /// <summary>Another entity tag than the stored one's.</summary>
    WrongTag,

    /// <summary>What was there before: nothing, or an earlier checkpoint.</summary>
    StaleRead,

    /// <summary>One bit is another one on the way back.</summary>
    FlippedOnRead,

    /// <summary>Another blob's bytes.</summary>
    Swapped,

    /// <summary>Success is reported, and nothing is stored.</summary>
    NotStored,

    /// <summary>Success is reported, and one bit is stored as another one.</summary>
    FlippedOnWrite,

    /// <summary>Success is reported, and half is stored.</summary>
    ShortWrite,

    /// <summary>It is stored, and the answer is lost.</summary>
    StoredUnanswered,
}
