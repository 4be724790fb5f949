using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography;

/// <summary>
/// A root key in a folder, for installations without a key service: an RSA-3072 key in a PKCS#12 file that stock <c>openssl</c>
/// opens, its password beside it or handed in (docs/spec/keys.md §3).
/// </summary>
/// <remarks>
/// Thread safe. Several processes may open the same new folder at once: they end with the same key. Losing the folder loses every
/// document, so it belongs into a backup of its own, apart from the databases'.
/// </remarks>
public sealed class FileKeyring : IRootKey, IDisposable
{
    private static readonly RSAEncryptionPadding s_padding = RSAEncryptionPadding.OaepSHA256;

    private readonly X509Certificate2 _root;
    private readonly Lazy<X509Certificate2> _protection;
    private readonly string _folder;
    private readonly string _password;

    private FileKeyring(string folder, string password)
    {
        (_folder, _password) = (folder, password);
        _root = KeyFile.OpenOrCreate(Path.Combine(folder, "root.p12"), "CoffreFort root key", password);
        _protection = new(() => KeyFile.OpenOrCreate(Path.Combine(folder, "protection.p12"), "CoffreFort data protection key", password));
        KeyId = "file:" + Convert.ToHexStringLower(SHA256.HashData(_root.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    /// <summary><c>file:</c> and the SHA-256 of the public key (SubjectPublicKeyInfo) in hexadecimal.</summary>
    public string KeyId { get; }

    /// <summary>
    /// The certificate for ASP.NET Core's DataProtection. Its key is another than the root key: DataProtection encrypts with an older
    /// padding (PKCS#1 v1.5), which must not be mixed with OAEP under one key. Created at the first use; owned by the keyring.
    /// </summary>
    /// <exception cref="RootKeyRefused">The file is not as it must be.</exception>
    public X509Certificate2 Certificate => _protection.Value;

    /// <summary>
    /// The P-256 signing key of a name, made at the first use and kept as <c>signing-NAME.p12</c> under the keyring's password. One key, one use:
    /// a name stands for one. The caller disposes of it.
    /// </summary>
    /// <param name="name">Lower-case letters, digits and hyphens.</param>
    /// <exception cref="ArgumentException">The name is not one.</exception>
    /// <exception cref="RootKeyRefused">The file is not as it must be.</exception>
    /// <exception cref="IOException">The folder cannot be read or written.</exception>
    public ECDsa OpenSigningKey(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'))
            throw new ArgumentException($"'{name}' can't name a signing key.", nameof(name));
        using var certificate = KeyFile.OpenOrCreateSigning(Path.Combine(_folder, $"signing-{name}.p12"), $"CoffreFort signing key {name}", _password);
        return certificate.GetECDsaPrivateKey()!;
    }

    /// <summary>Whether the folder holds the signing key of a name.</summary>
    public bool HoldsSigningKey(string name) => File.Exists(Path.Combine(_folder, $"signing-{name}.p12"));

    /// <summary>Opens the keyring of a folder, and creates folder, password and key where they are missing.</summary>
    /// <param name="folder">The folder; a new one is open to its owner alone.</param>
    /// <param name="password">
    /// The password of the key files, from the environment or a secret store; null keeps a random one in <c>keyring.password</c>
    /// in the same folder.
    /// </param>
    /// <exception cref="RootKeyRefused">Others can read a file or write the folder, or the password does not open the key.</exception>
    /// <exception cref="IOException">The folder cannot be read or written.</exception>
    public static FileKeyring OpenOrCreate(string folder, string? password = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        PrivateFile.CreateFolder(folder);
        return new FileKeyring(folder, string.IsNullOrEmpty(password) ? ReadOrCreatePassword(folder) : password);
    }

    /// <inheritdoc/>
    public Task<byte[]> WrapAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var rsa = _root.GetRSAPublicKey()!;
        return Task.FromResult(rsa.Encrypt(key.Span, s_padding));
    }

    /// <inheritdoc/>
    public Task<SecretKey> UnwrapAsync(byte[] wrapped, string keyId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wrapped);
        cancellationToken.ThrowIfCancellationRequested();
        if (keyId != KeyId)
            throw new RootKeyRefused($"The keys were wrapped under {keyId}, but this keyring holds {KeyId}: restore the keyring folder that belongs to this database.");
        return Task.FromResult(Unwrap(wrapped));
    }

    /// <summary>Releases the keys.</summary>
    public void Dispose()
    {
        _root.Dispose();
        if (_protection.IsValueCreated)
            _protection.Value.Dispose();
    }

    private SecretKey Unwrap(byte[] wrapped)
    {
        using var rsa = _root.GetRSAPrivateKey()!;
        Span<byte> buffer = stackalloc byte[rsa.KeySize / 8];
        try
        {
            return SecretKey.CopyOf(buffer[..rsa.Decrypt(wrapped, buffer, s_padding)]);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            throw new CryptographicFailure();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    private static string ReadOrCreatePassword(string folder)
    {
        var path = Path.Combine(folder, "keyring.password");
        if (!File.Exists(path))
        {
            // The password is always there before the key: a key without one was made with a password handed in.
            if (File.Exists(Path.Combine(folder, "root.p12")) && !File.Exists(path))
                throw new RootKeyRefused($"{folder} holds a root key but no keyring.password: pass the password the key was created with.");
            PrivateFile.CreateIfMissing(path, System.Text.Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(64, lowercase: true)));
        }
        return System.Text.Encoding.UTF8.GetString(PrivateFile.Read(path)).Trim();
    }
}
