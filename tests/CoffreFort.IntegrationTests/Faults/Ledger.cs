using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace CoffreFort.IntegrationTests.Faults;

/// <summary>Bytes that can be made again from their seed.</summary>
internal sealed record Bytes(int Seed, int Length)
{
    public byte[] Make()
    {
        var bytes = new byte[Length];
        new Random(Seed).NextBytes(bytes);
        return bytes;
    }

    public string Hash() => Convert.ToHexString(SHA256.HashData(Make()));
}

/// <summary>A document of the load: its deposit, then its further versions, one after the other.</summary>
internal sealed class LoadDocument(string title, Deed deposit, Bytes bytes)
{
    private int busy;

    public string Title => title;

    public Deed Deposit => deposit;

    public string Id => (string)deposit.Answer!["id"]!;

    /// <summary>In order; the first is the deposit.</summary>
    public ConcurrentQueue<(Deed Deed, Bytes Bytes)> Versions { get; } = new([(deposit, bytes)]);

    /// <summary>How many answers to a read of version 1 began.</summary>
    public int ReadsSeen;

    /// <summary>One version at a time: so their order is known.</summary>
    public bool TryBegin() => Interlocked.Exchange(ref busy, 1) == 0;

    public void End() => Volatile.Write(ref busy, 0);
}

/// <summary>A request for access of the load, and what came of it.</summary>
internal sealed class LoadRequest(Deed ask)
{
    public Deed Ask => ask;

    public string Id => (string)ask.Answer!["id"]!;

    public Deed? Approve { get; set; }

    /// <summary>The consent that answers it, once known.</summary>
    public string? Consent => (string?)Approve?.Answer?["consent"] ?? (string?)ask.Answer?["consent"];
}

/// <summary>A consent that one or more requests led to.</summary>
internal sealed class LoadConsent(string id)
{
    private int busy;

    public string Id => id;

    /// <summary>Set before it is sent: from then on a read may be refused, and once it is acknowledged it must be.</summary>
    public Deed? Revoke { get; set; }

    /// <summary>How many answers with a piece's bytes began.</summary>
    public int ReadsSeen;

    /// <summary>One sending of its revocation at a time.</summary>
    public bool TryBegin() => Interlocked.Exchange(ref busy, 1) == 0;

    public void End() => Volatile.Write(ref busy, 0);
}
