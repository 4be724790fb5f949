namespace CoffreFort.Specs.Fuzzing;

/// <summary>What a parser made of an input.</summary>
internal enum Verdict
{
    /// <summary>Refused by the failure that its contract names.</summary>
    Refused,

    /// <summary>Taken, and written again it is the same.</summary>
    RoundTrips,

    /// <summary>Taken, and written again it is something else, or it says what nobody wrote.</summary>
    Differs,
}

/// <summary>How inputs are built, so that changes get past the first check.</summary>
internal enum Shape
{
    Bytes,
    Der,

    /// <summary>Lines.</summary>
    Note,
    Json,
}

/// <summary>A parser as the fuzzing sees it.</summary>
/// <param name="Name">On the command line.</param>
/// <param name="Shape">Of its inputs.</param>
/// <param name="Seeds">Inputs that it takes.</param>
/// <param name="Read">Anything that this throws is a finding.</param>
internal sealed record FuzzedParser(string Name, Shape Shape, IReadOnlyList<byte[]> Seeds, Func<byte[], Verdict> Read)
{
    /// <summary>What a case may allocate besides a multiple of its input's length: certificates, chains, pooled buffers that are first rented.</summary>
    public long Base { get; init; } = 2 << 20;

    /// <summary>That multiple.</summary>
    public int PerByte { get; init; } = 64;

    public override string ToString() => Name;
}
