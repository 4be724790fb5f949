using System.Security.Cryptography;

namespace CoffreFort.Cryptography;

/// <summary>
/// Wraps a key under its parent for one place: moved to another purpose, vault, object or version it does not unwrap
/// (docs/spec/keys.md §2). All members are thread safe.
/// </summary>
public static class KeyWrapping
{
    private const int KeyLength = 32;
    private const int LongestWrapped = 1024;

    private static ReadOnlySpan<byte> Label => "coffrefort/kek/v1"u8;

    /// <summary>Wraps <paramref name="child"/>; a 32-byte key becomes 40 bytes. The same input gives the same bytes.</summary>
    /// <param name="parent">The wrapping key, 32 bytes.</param>
    /// <param name="purpose">What the child is for.</param>
    /// <param name="vault">The vault it belongs to.</param>
    /// <param name="obj">The object it belongs to: the document, or the vault itself.</param>
    /// <param name="version">The document's version or the key's generation.</param>
    /// <param name="child">The key to wrap, 1 to 1008 bytes.</param>
    /// <exception cref="CryptographicFailure">The parent is not 32 bytes long.</exception>
    /// <exception cref="ArgumentException">The child is too long.</exception>
    public static byte[] Wrap(SecretKey parent, KeyPurpose purpose, Guid vault, Guid obj, uint version, SecretKey child)
    {
        ArgumentNullException.ThrowIfNull(parent);
        ArgumentNullException.ThrowIfNull(child);
        if (child.Length > LongestWrapped - 16)
            throw new ArgumentException("The key is too long to be wrapped.", nameof(child));
        return UnderWrappingKey(parent, purpose, vault, obj, version, child, static (wrappingKey, child) => PaddedKeyWrap.Wrap(wrappingKey, child.Bytes));
    }

    /// <summary>Unwraps what <see cref="Wrap"/> made for the same place.</summary>
    /// <inheritdoc cref="Wrap"/>
    /// <param name="parent">The wrapping key, 32 bytes.</param>
    /// <param name="purpose">What the child is for.</param>
    /// <param name="vault">The vault it belongs to.</param>
    /// <param name="obj">The object it belongs to.</param>
    /// <param name="version">The document's version or the key's generation.</param>
    /// <param name="wrapped">The wrapped key.</param>
    /// <exception cref="CryptographicFailure">It was not wrapped under this parent for this place.</exception>
    public static SecretKey Unwrap(SecretKey parent, KeyPurpose purpose, Guid vault, Guid obj, uint version, ReadOnlySpan<byte> wrapped)
    {
        ArgumentNullException.ThrowIfNull(parent);
        if (wrapped.Length is < 16 or > LongestWrapped || wrapped.Length % 8 != 0)
            throw new CryptographicFailure();
        return UnderWrappingKey(parent, purpose, vault, obj, version, wrapped, static (wrappingKey, wrapped) => PaddedKeyWrap.Unwrap(wrappingKey, wrapped));
    }

    private static TResult UnderWrappingKey<TInput, TResult>(
        SecretKey parent, KeyPurpose purpose, Guid vault, Guid obj, uint version, TInput input, Func<byte[], TInput, TResult> work)
        where TInput : allows ref struct
    {
        if (parent.Length != KeyLength)
            throw new CryptographicFailure();
        Span<byte> info = stackalloc byte[Label.Length + 1 + 1 + 16 + 16 + 4];
        new ByteLayout(info).Label(Label).Byte((byte)purpose).Uuid(vault).Uuid(obj).UInt32(version).End();
        // Pinned, as a SecretKey is: clearing it leaves no copy.
        var wrappingKey = GC.AllocateUninitializedArray<byte>(KeyLength, pinned: true);
        try
        {
            HkdfExpand.Sha256(parent.Bytes, info, wrappingKey);
            return work(wrappingKey, input);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(wrappingKey);
        }
    }
}
