namespace CoffreFort.Transparency;

/// <summary>Ed25519 (RFC 8032) through the OpenSSL of the machine, as .NET has none.</summary>
/// <remarks>
/// Whatever needs a private key is a run of the <c>openssl</c> program, some ten milliseconds. Verifying is a call into its library, some tenth of a
/// millisecond, and a run of the program only where there is no library. Private keys stay in their files (PEM, PKCS#8, unencrypted) and are read by OpenSSL alone. What OpenSSL needs as files is written into a new
/// folder that only this user may enter, and removed afterwards. Safe for use from any thread.
/// </remarks>
public sealed class Ed25519
{
    /// <summary>The length in bytes of a public key.</summary>
    public const int PublicKeyLength = 32;

    /// <summary>The length in bytes of a signature.</summary>
    public const int SignatureLength = 64;

    private readonly OpenSslProgram _program;

    /// <summary>Names the program.</summary>
    /// <param name="program">The program's name or path, OpenSSL 3.0 or newer.</param>
    /// <param name="timeout">How long one run may take; 30 seconds when not given.</param>
    public Ed25519(string program = "openssl", TimeSpan? timeout = null) => _program = new OpenSslProgram(program, timeout ?? TimeSpan.FromSeconds(30));

    // RFC 8410 §4: SubjectPublicKeyInfo of id-Ed25519, up to the 32 bytes of the key.
    private static ReadOnlySpan<byte> PublicKeyInfo => [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

    /// <summary>Makes a key pair and writes it to a new file that only its owner may read; an existing file is never touched.</summary>
    /// <param name="privateKeyFile">The file to make, in a folder that exists.</param>
    /// <param name="cancellation">Ends the wait and the program.</param>
    /// <exception cref="OpenSslFailure">The program is missing or failed.</exception>
    /// <exception cref="IOException">The file is there already, or cannot be written.</exception>
    public async Task CreateKeyAsync(string privateKeyFile, CancellationToken cancellation = default)
    {
        byte[] pem = await _program.OutputAsync(["genpkey", "-algorithm", "ED25519"], cancellation).ConfigureAwait(false);
        await WritePrivateAsync(privateKeyFile, pem, cancellation).ConfigureAwait(false);
    }

    /// <summary>The public key of a private key file: 32 bytes.</summary>
    /// <param name="privateKeyFile">The file, PEM.</param>
    /// <param name="cancellation">Ends the wait and the program.</param>
    /// <exception cref="OpenSslFailure">The program is missing or failed, or the file holds no unencrypted Ed25519 key.</exception>
    public async Task<byte[]> PublicKeyAsync(string privateKeyFile, CancellationToken cancellation = default)
    {
        byte[] info = await _program.OutputAsync(["pkey", "-in", privateKeyFile, "-passin", "pass:", "-pubout", "-outform", "DER"], cancellation).ConfigureAwait(false);
        return info.AsSpan().StartsWith(PublicKeyInfo) && info.Length == PublicKeyInfo.Length + PublicKeyLength
            ? info[PublicKeyInfo.Length..]
            : throw new OpenSslFailure($"{privateKeyFile} holds a key of another kind than Ed25519.");
    }

    /// <summary>Signs a message: 64 bytes.</summary>
    /// <param name="privateKeyFile">The private key's file, PEM.</param>
    /// <param name="message">The message.</param>
    /// <param name="cancellation">Ends the wait and the program.</param>
    /// <exception cref="OpenSslFailure">The program is missing or failed, or the file holds no unencrypted Ed25519 key.</exception>
    public async Task<byte[]> SignAsync(string privateKeyFile, ReadOnlyMemory<byte> message, CancellationToken cancellation = default)
    {
        using var folder = new PrivateFolder();
        string content = await folder.WriteAsync("message", message, cancellation).ConfigureAwait(false);
        byte[] signature = await _program.OutputAsync(
            ["pkeyutl", "-sign", "-inkey", privateKeyFile, "-passin", "pass:", "-rawin", "-in", content], cancellation).ConfigureAwait(false);
        return signature.Length == SignatureLength ? signature : throw new OpenSslFailure($"{privateKeyFile} holds a key of another kind than Ed25519.");
    }

    /// <summary>Whether a signature over a message is right. A key or signature of another length is simply not right.</summary>
    /// <param name="publicKey">The public key, 32 bytes.</param>
    /// <param name="message">The message.</param>
    /// <param name="signature">The signature, 64 bytes.</param>
    /// <param name="cancellation">Ends the wait and the program.</param>
    /// <exception cref="OpenSslFailure">OpenSSL is missing or failed, so that nothing is known.</exception>
    public async Task<bool> VerifyAsync(
        ReadOnlyMemory<byte> publicKey, ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> signature, CancellationToken cancellation = default)
    {
        if (publicKey.Length != PublicKeyLength || signature.Length != SignatureLength) return false;
        cancellation.ThrowIfCancellationRequested();
        return OpenSslLibrary.IsPresent
            ? OpenSslLibrary.Verify(publicKey.Span, message.Span, signature.Span)
            : await VerifyByProgramAsync(publicKey, message, signature, cancellation).ConfigureAwait(false);
    }

    private async Task<bool> VerifyByProgramAsync(
        ReadOnlyMemory<byte> publicKey, ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> signature, CancellationToken cancellation)
    {
        using var folder = new PrivateFolder();
        string key = await folder.WriteAsync("key", (byte[])[.. PublicKeyInfo, .. publicKey.Span], cancellation).ConfigureAwait(false);
        string content = await folder.WriteAsync("message", message, cancellation).ConfigureAwait(false);
        string signed = await folder.WriteAsync("signature", signature, cancellation).ConfigureAwait(false);
        (int exitCode, byte[] output, string error) = await _program.RunAsync(
            ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", key, "-rawin", "-in", content, "-sigfile", signed], cancellation).ConfigureAwait(false);
        if (exitCode == 0) return true;

        // The exit code alone does not tell a wrong signature from a run that never came to verify.
        return output.AsSpan().StartsWith("Signature Verification Failure"u8) ? false : throw _program.Failed("pkeyutl", exitCode, error);
    }

    private static async Task WritePrivateAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        await using (file.ConfigureAwait(false))
        {
            await file.WriteAsync(content, cancellation).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }
    }

    /// <summary>A new folder that only this user may enter, gone with all it holds when it is disposed of.</summary>
    private sealed class PrivateFolder : IDisposable
    {
        private readonly string _path = Directory.CreateTempSubdirectory("coffrefort-").FullName;

        public async Task<string> WriteAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation)
        {
            string path = Path.Combine(_path, name);
            await File.WriteAllBytesAsync(path, content, cancellation).ConfigureAwait(false);
            return path;
        }

        public void Dispose() => Directory.Delete(_path, recursive: true);
    }
}
