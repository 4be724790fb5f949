namespace CoffreFort.Server.Edges.Witness;

/// <summary>What became of the question for one cosignature.</summary>
public abstract record WitnessAnswer
{
    private WitnessAnswer()
    {
    }

    /// <summary>It cosigned.</summary>
    /// <param name="SignatureLine">The verified line to append to the note: em dash, name, base64, newline.</param>
    public sealed record Cosigned(string SignatureLine) : WitnessAnswer;

    /// <summary>No usable answer: unreachable, overloaded, too slow. Ask again later.</summary>
    /// <param name="Problem">For the operator, in words.</param>
    public sealed record Silent(string Problem) : WitnessAnswer;

    /// <summary>
    /// It has cosigned a larger tree of this log. Harmless if another node was quicker; if the journal's head is below that size, the journal
    /// is an older state than one that was published.
    /// </summary>
    /// <param name="Size">The size that the witness stands at.</param>
    public sealed record Ahead(long Size) : WitnessAnswer;

    /// <summary>It has cosigned another tree of this log: what it vouched for was changed or lost. Nothing may be published over that.</summary>
    /// <param name="Problem">For the operator, in words.</param>
    public sealed record Forked(string Problem) : WitnessAnswer;

    /// <summary>It refuses for a reason that says nothing about the tree: an unknown log, an unknown key, a wrong address. Somebody must mend that.</summary>
    /// <param name="Problem">For the operator, in words.</param>
    public sealed record Refused(string Problem) : WitnessAnswer;
}
