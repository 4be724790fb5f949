using System.Buffers.Binary;

namespace CoffreFort.Transparency;

/// <summary>Entries as a log serves them (C2SP tlog-tiles): each with its length in front as a big-endian u16. Pure, callable from any thread.</summary>
public static class EntryBundle
{
    /// <summary>Writes a bundle.</summary>
    /// <param name="entries">The entries in their order, each shorter than 64 KiB; in this log commitments of 32 bytes.</param>
    /// <exception cref="OverflowException">An entry is longer than its length can say.</exception>
    public static byte[] Format(IEnumerable<ReadOnlyMemory<byte>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        using var bundle = new MemoryStream();
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        foreach (ReadOnlyMemory<byte> entry in entries)
        {
            BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)entry.Length));
            bundle.Write(length);
            bundle.Write(entry.Span);
        }

        return bundle.ToArray();
    }

    /// <summary>Reads a bundle, strictly: exactly as many entries as are expected, and nothing after them. Never throws for what a stranger sent.</summary>
    /// <param name="bundle">The bytes.</param>
    /// <param name="width">How many entries there must be, 1 to <see cref="TileCoordinates.FullWidth"/>.</param>
    /// <returns>The entries in their order, or null. Slices of what was given.</returns>
    public static IReadOnlyList<ReadOnlyMemory<byte>>? Parse(ReadOnlyMemory<byte> bundle, int width)
    {
        var entries = new List<ReadOnlyMemory<byte>>();
        while (bundle.Length >= sizeof(ushort) && entries.Count < width)
        {
            int end = sizeof(ushort) + BinaryPrimitives.ReadUInt16BigEndian(bundle.Span);
            if (bundle.Length < end) return null;
            entries.Add(bundle[sizeof(ushort)..end]);
            bundle = bundle[end..];
        }

        return bundle.IsEmpty && entries.Count == width ? entries : null;
    }
}
