using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CoffreFort.Transparency;

/// <summary>One tile of a log's tree (C2SP tlog-tiles): which hashes it holds, and where it is served.</summary>
/// <remarks>
/// <para>
/// The tile of level <c>l</c> and index <c>n</c> holds the roots of the perfect subtrees of 256^l leaves numbered <c>256·n</c> to <c>256·n + 255</c>, as far as
/// they are complete: at level 0 leaf hashes, above it the roots of full tiles of the level below. A full tile never changes; a partial one, the
/// rightmost of its level, belongs to the trees that give it just that width.
/// </para>
/// <para>
/// Its path is <c>level/index</c>, a partial one's <c>level/index.p/width</c>, the index in groups of three digits all but the last of which
/// have an <c>x</c> in front: <c>0/x001/x234/067.p/8</c>. The bundle of the entries themselves has <c>entries</c> in place of level 0.
/// There is one path for one tile. Immutable; pure; safe for use from any thread.
/// </para>
/// </remarks>
public readonly record struct TileCoordinates
{
    /// <summary>The most hashes a tile holds: 2^8.</summary>
    public const int FullWidth = 1 << Height;

    /// <summary>The highest level a path may name. (A tree of fewer than 2^63 leaves has none above 7.)</summary>
    public const int LargestLevel = 63;

    internal const int Height = 8;

    private const string EntriesName = "entries";

    /// <summary>Names a tile.</summary>
    /// <param name="level">Its level, 0 to <see cref="LargestLevel"/>.</param>
    /// <param name="index">Its index within the level, not negative.</param>
    /// <param name="width">How many hashes it holds, 1 to <see cref="FullWidth"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number lies outside its bounds.</exception>
    public TileCoordinates(int level, long index, int width = FullWidth)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, LargestLevel);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, FullWidth);
        (Level, Index, Width) = (level, index, width);
    }

    /// <summary>The level: 0 for leaf hashes.</summary>
    public int Level { get; }

    /// <summary>The index within the level, from 0.</summary>
    public long Index { get; }

    /// <summary>How many hashes it holds.</summary>
    public int Width { get; }

    /// <summary>Whether it holds as many hashes as a tile may, and so never changes again.</summary>
    public bool IsFull => Width == FullWidth;

    /// <summary>How many hashes the tile of a level and index has in a tree: 0 when the tree has no such tile, at most <see cref="FullWidth"/>.</summary>
    /// <param name="level">The level, not negative.</param>
    /// <param name="index">The index, not negative.</param>
    /// <param name="size">The number of leaves, not negative.</param>
    public static int WidthIn(int level, long index, long size)
    {
        long subtrees = level * Height < 63 ? size >> (level * Height) : 0;
        long tiles = subtrees >> Height;
        return index < tiles ? FullWidth : index == tiles ? (int)(subtrees & (FullWidth - 1)) : 0;
    }

    /// <summary>The tile that holds what a node of a tree is computed from.</summary>
    /// <param name="level">The node's height, 0 to 62.</param>
    /// <param name="index">The node's index within that height. All its leaves lie within the tree.</param>
    /// <param name="size">The number of leaves of the tree.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tree has no such node.</exception>
    public static TileCoordinates Holding(int level, long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, 62);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size >> level);
        long tile = index >> (Height - (level % Height));
        return new TileCoordinates(level / Height, tile, WidthIn(level / Height, tile, size));
    }

    /// <summary>All tiles at the right edge of a tree that are partial there, the lowest first: together they make its root.</summary>
    /// <param name="size">The number of leaves, not negative.</param>
    public static IEnumerable<TileCoordinates> PartialTiles(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        for (int level = 0; level * Height < 63; level++)
        {
            long subtrees = size >> (level * Height);
            if (subtrees % FullWidth is var width and not 0) yield return new TileCoordinates(level, subtrees >> Height, (int)width);
        }
    }

    /// <summary>Reads a path below <c>/tile/</c>, strictly: only the one canonical form. Never throws for what a stranger sent.</summary>
    /// <param name="path">Such as <c>0/x001/067</c> or <c>entries/000.p/12</c>.</param>
    /// <param name="tile">The tile; of level 0 for a bundle of entries.</param>
    /// <param name="entries">Whether the path asks for the entries instead of the hashes.</param>
    public static bool TryParse([NotNullWhen(true)] string? path, out TileCoordinates tile, out bool entries)
    {
        (tile, entries) = (default, false);
        if (path is not { Length: <= 64 } || path.IndexOf('/', StringComparison.Ordinal) is not (> 0 and var slash)) return false;
        entries = path.AsSpan(0, slash) is EntriesName;
        long level = entries ? 0 : NoteText.FromDecimal(path.AsSpan(0, slash));
        string rest = path[(slash + 1)..];
        long width = FullWidth;
        if (rest.IndexOf(".p/", StringComparison.Ordinal) is >= 0 and var partial)
        {
            width = NoteText.FromDecimal(rest.AsSpan(partial + 3));
            if (width == FullWidth) return false;
            rest = rest[..partial];
        }

        long index = ParseIndex(rest);
        if (level is < 0 or > LargestLevel || index < 0 || width is < 1 or > FullWidth) return false;
        tile = new TileCoordinates((int)level, index, (int)width);
        return true;
    }

    /// <summary>The path of the tile's hashes below <c>/tile/</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Level}/{Place}");

    /// <summary>The path of the bundle of entries that the hashes of this tile of level 0 are of, below <c>/tile/</c>.</summary>
    /// <exception cref="InvalidOperationException">The tile is of a higher level, where there are no entries.</exception>
    public string ToEntriesPath() => Level == 0 ? $"{EntriesName}/{Place}" : throw new InvalidOperationException("Only tiles of level 0 have entries.");

    private string Place
    {
        get
        {
            string path = (Index % 1000).ToString("000", CultureInfo.InvariantCulture);
            for (long rest = Index / 1000; rest > 0; rest /= 1000) path = string.Create(CultureInfo.InvariantCulture, $"x{rest % 1000:000}/{path}");
            return IsFull ? path : string.Create(CultureInfo.InvariantCulture, $"{path}.p/{Width}");
        }
    }

    private static long ParseIndex(string path)
    {
        string[] groups = path.Split('/');
        if (groups.Length > 1 && groups[0] == "x000") return -1;
        var digits = "";
        for (int i = 0; i < groups.Length; i++)
        {
            bool last = i == groups.Length - 1;
            if (groups[i].Length != (last ? 3 : 4) || (!last && groups[i][0] != 'x')) return -1;
            digits += last ? groups[i] : groups[i][1..];
        }

        string canonical = digits.TrimStart('0');
        return NoteText.FromDecimal(canonical.Length == 0 ? "0" : canonical);
    }
}
