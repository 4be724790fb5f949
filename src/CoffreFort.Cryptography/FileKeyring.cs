using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography;

/// <summary>
/// Root keys in a folder, for installations without a key service: RSA-3072 keys in PKCS#12 files that stock <c>openssl</c>
/// opens, one that lasts and one for each epoch, their password beside them or handed in (docs/spec/keys.md §3).
/// </summary>
/// <remarks>
/// Thread safe. Several processes may open the same new folder at once: they end with the same key. Losing the folder loses every
/// document, so it belongs into a backup of its own, apart from the databases'.
/// </remarks>
public sealed class FileKeyring : IRootKey, IDisposable
{
    private const string Prefix = "file:";
    private static readonly RSAEncryptionPadding s_padding = RSAEncryptionPadding.OaepSHA256;

    private readonly Lock _replacing = new();
    private readonly Lazy<X509Certificate2> _protection;
    private readonly string _folder;
    private readonly string _password;
    private volatile X509Certificate2 _root;

    private FileKeyring(string folder, string password)
    {
        (_folder, _password) = (folder, password);
        _root = KeyFile.OpenOrCreate(LastingFile, "CoffreFort root key", password);
        _protection = new(() => KeyFile.OpenOrCreate(Path.Combine(folder, "protection.p12"), "CoffreFort data protection key", password));
    }

    /// <summary>Names the lasting key: <c>file:</c> and the SHA-256 of the public key (SubjectPublicKeyInfo) in hexadecimal.</summary>
    public string KeyId => Prefix + Fingerprint(_root);

    private string LastingFile => Path.Combine(_folder, "root.p12");

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
        using var certificate = OpenSigningCertificate(name);
        return certificate.GetECDsaPrivateKey()!;
    }

    /// <summary>The same key with the certificate that was made with it: self-signed, for digital signatures, without an end. The caller disposes of it.</summary>
    /// <param name="name">Lower-case letters, digits and hyphens.</param>
    /// <param name="subject">The common name of a certificate that is made now; one that tells the key when left out.</param>
    /// <exception cref="ArgumentException">The name is not one.</exception>
    /// <exception cref="RootKeyRefused">The file is not as it must be.</exception>
    /// <exception cref="IOException">The folder cannot be read or written.</exception>
    public X509Certificate2 OpenSigningCertificate(string name, string? subject = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'))
            throw new ArgumentException($"'{name}' can't name a signing key.", nameof(name));
        return KeyFile.OpenOrCreateSigning(Path.Combine(_folder, $"signing-{name}.p12"), subject ?? $"CoffreFort signing key {name}", _password);
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

    /// <summary>Opening the folder was the proof.</summary>
    public Task OpenAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task PrepareEpochAsync(int epoch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        OpenEpoch(epoch).Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<RootWrapped> WrapAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var root = _root;
        return Task.FromResult(new RootWrapped(Prefix + Fingerprint(root), Wrap(root, key.Span)));
    }

    /// <inheritdoc/>
    public Task<RootWrapped> WrapAsync(int epoch, ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var certificate = OpenEpoch(epoch);
        return Task.FromResult(new RootWrapped(IdOf(epoch, certificate), Wrap(certificate, key.Span)));
    }

    /// <inheritdoc/>
    public Task<SecretKey> UnwrapAsync(byte[] wrapped, string keyId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wrapped);
        ArgumentNullException.ThrowIfNull(keyId);
        cancellationToken.ThrowIfCancellationRequested();
        if (keyId == KeyId)
            return Task.FromResult(Unwrap(_root, wrapped));
        using var certificate = FindEpoch(keyId) ?? throw new RootKeyRefused(EpochOf(keyId) is { } epoch
            ? $"The key of epoch {epoch} under which keys were wrapped ({keyId}) is not in this keyring: it was destroyed when the epoch ended, or the keyring folder is not the one that belongs to this database."
            : $"The keys were wrapped under {keyId}, but this keyring holds {KeyId}: restore the keyring folder that belongs to this database.");
        return Task.FromResult(Unwrap(certificate, wrapped));
    }

    /// <inheritdoc/>
    public Task<DateTimeOffset?> DestroyAsync(string keyId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keyId);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_replacing)
        {
            using var certificate = FindEpoch(keyId);
            // Also when it is not there: an interrupted call may have left the file under the other name.
            if (EpochOf(keyId) is { } epoch && (certificate is not null || !File.Exists(EpochFile(epoch))))
                PrivateFile.Erase(EpochFile(epoch));
            else if (keyId == KeyId)
                ReplaceLasting();
        }
        return Task.FromResult<DateTimeOffset?>(null);
    }

    /// <summary>Releases the keys.</summary>
    public void Dispose()
    {
        _root.Dispose();
        if (_protection.IsValueCreated)
            _protection.Value.Dispose();
    }

    /// <summary>The old one is not disposed of: another thread may be using it.</summary>
    private void ReplaceLasting()
    {
        PrivateFile.Erase(LastingFile);
        _root = KeyFile.OpenOrCreate(LastingFile, "CoffreFort root key", _password);
    }

    private string EpochFile(int epoch) => Path.Combine(_folder, FormattableString.Invariant($"root-{epoch}.p12"));

    private X509Certificate2 OpenEpoch(int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(epoch, 100001);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(epoch, 999912);
        return KeyFile.OpenOrCreate(EpochFile(epoch), FormattableString.Invariant($"CoffreFort root key of {epoch / 100}-{epoch % 100:00}"), _password);
    }

    /// <summary>The very key of that id; a file of the same month with another key in it is not it.</summary>
    private X509Certificate2? FindEpoch(string keyId)
    {
        if (EpochOf(keyId) is not { } epoch || !File.Exists(EpochFile(epoch)))
            return null;
        var certificate = OpenEpoch(epoch);
        if (IdOf(epoch, certificate) == keyId)
            return certificate;
        certificate.Dispose();
        return null;
    }

    /// <summary>Null for the lasting key's, and for what is no key id of a keyring.</summary>
    private static int? EpochOf(string keyId) =>
        keyId.Split(':') is ["file", { Length: 6 } month, _] && int.TryParse(month, NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) && epoch > 100000 ? epoch : null;

    private static string IdOf(int epoch, X509Certificate2 certificate) => FormattableString.Invariant($"{Prefix}{epoch}:{Fingerprint(certificate)}");

    private static string Fingerprint(X509Certificate2 certificate) => Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));

    private static byte[] Wrap(X509Certificate2 certificate, ReadOnlySpan<byte> key)
    {
        using var rsa = certificate.GetRSAPublicKey()!;
        return rsa.Encrypt(key, s_padding);
    }

    private static SecretKey Unwrap(X509Certificate2 certificate, byte[] wrapped)
    {
        using var rsa = certificate.GetRSAPrivateKey()!;
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
