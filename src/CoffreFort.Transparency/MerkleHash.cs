using System.Buffers;
using System.Security.Cryptography;

namespace CoffreFort.Transparency;

/// <summary>The two hashes a log's tree is made of (RFC 6962 §2.1, RFC 9162 §2.1.1, with SHA-256).</summary>
/// <remarks>
/// Leaves and inner nodes are hashed under different first bytes, so that no node can be passed off as a leaf.
/// Every member is pure and may be called from any thread.
/// </remarks>
public static class MerkleHash
{
    /// <summary>The length in bytes of every hash in the tree.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    private const int LargestLeafOnStack = 255;

    /// <summary>The root of the tree without leaves: SHA-256 of nothing.</summary>
    public static ReadOnlySpan<byte> Empty =>
    [
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
        0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
    ];

    /// <summary>Writes the hash of a leaf: SHA-256(0x00 ‖ <paramref name="leafData"/>).</summary>
    /// <param name="leafData">The leaf's data, of any length; in the journal the 32 bytes of an <see cref="EventCommitment"/>.</param>
    /// <param name="destination">At least <see cref="Length"/> bytes, of which the first <see cref="Length"/> are written; it may overlap the data.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public static void Leaf(ReadOnlySpan<byte> leafData, Span<byte> destination)
    {
        byte[]? rented = leafData.Length > LargestLeafOnStack ? ArrayPool<byte>.Shared.Rent(leafData.Length + 1) : null;
        Span<byte> prefixed = rented ?? stackalloc byte[LargestLeafOnStack + 1];
        prefixed[0] = 0;
        leafData.CopyTo(prefixed[1..]);
        Sha256.Hash(prefixed[..(leafData.Length + 1)], destination);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Writes the hash of an inner node: SHA-256(0x01 ‖ <paramref name="left"/> ‖ <paramref name="right"/>).</summary>
    /// <param name="left">The left child's hash, exactly <see cref="Length"/> bytes.</param>
    /// <param name="right">The right child's hash, exactly <see cref="Length"/> bytes.</param>
    /// <param name="destination">At least <see cref="Length"/> bytes, of which the first <see cref="Length"/> are written; it may overlap either child.</param>
    /// <exception cref="ArgumentException">A child is not <see cref="Length"/> bytes long, or <paramref name="destination"/> is too short.</exception>
    public static void Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> destination)
    {
        RequireLength(left, nameof(left));
        RequireLength(right, nameof(right));
        Span<byte> prefixed = stackalloc byte[1 + 2 * Length];
        prefixed[0] = 1;
        left.CopyTo(prefixed[1..]);
        right.CopyTo(prefixed[(1 + Length)..]);
        Sha256.Hash(prefixed, destination);
    }

    internal static void RequireLength(ReadOnlySpan<byte> hash, string parameter)
    {
        if (hash.Length != Length) throw new ArgumentException($"A tree hash is {Length} bytes, not {hash.Length}.", parameter);
    }
}
