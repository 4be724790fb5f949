namespace CoffreFort.IntegrationTests.Blobs.Lying;

/// <summary>Which lie is told now, and how often it was. The first occasion of a round is never missed. Safe for concurrent use.</summary>
public sealed class Lies
{
    private readonly Lock turn = new();
    private Random random = new(0);
    private Lie? current;
    private bool always;
    private int told;

    /// <summary>In this round.</summary>
    public int Told => Volatile.Read(ref told);

    /// <param name="lie">Which.</param>
    /// <param name="onEveryOccasion">Else on every other one, by chance.</param>
    /// <param name="seed">Repeats the choices.</param>
    public void Begin(Lie lie, bool onEveryOccasion, int seed)
    {
        lock (turn) (current, always, told, random) = (lie, onEveryOccasion, 0, new Random(seed));
    }

    public void End()
    {
        lock (turn) current = null;
    }

    /// <summary>Whether this lie is told on this occasion, which is one for it.</summary>
    public bool Tells(Lie lie)
    {
        lock (turn)
        {
            if (current != lie || !(always || told == 0 || random.Next(2) == 0)) return false;
            told++;
            return true;
        }
    }

    /// <summary>A number below the limit, as the seed has it.</summary>
    public int Choose(int limit)
    {
        lock (turn) return random.Next(limit);
    }

    /// <summary>A copy of the bytes in which one bit is another one.</summary>
    public byte[] Flip(ReadOnlySpan<byte> bytes)
    {
        var flipped = bytes.ToArray();
        if (flipped.Length > 0) flipped[Choose(flipped.Length)] ^= (byte)(1 << Choose(8));
        return flipped;
    }
}
