using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Cryptography;

namespace CoffreFort.Specs.Cryptography;

/// <summary>One keyring for the tests to copy: an RSA-3072 key takes most of a second to make.</summary>
public sealed class KeyringTemplate : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("coffrefort-keyring-").FullName;

    public KeyringTemplate() => FileKeyring.OpenOrCreate(Folder).Dispose();

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

[UnsupportedOSPlatform("windows")]
public sealed class FileKeyringSpecs(KeyringTemplate template) : IClassFixture<KeyringTemplate>, IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("coffrefort-keyring-").FullName;

    private string Folder => Path.Combine(_parent, "keys");

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    private FileKeyring OpenCopy()
    {
        Directory.CreateDirectory(Folder);
        foreach (var file in Directory.GetFiles(template.Folder))
            File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)));
        return FileKeyring.OpenOrCreate(Folder);
    }

    [Fact]
    public async Task a_new_keyring_is_private_and_the_same_when_opened_again()
    {
        RootWrapped wrapped;
        using var key = SecretKey.Generate();
        using (var keyring = FileKeyring.OpenOrCreate(Folder))
            wrapped = await keyring.WrapAsync(key.Bytes.ToArray(), CancellationToken.None);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        Assert.Equal(["keyring.password", "root.p12"], Directory.GetFiles(Folder).Select(Path.GetFileName).Order());
        foreach (var file in Directory.GetFiles(Folder))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

        using var again = FileKeyring.OpenOrCreate(Folder);
        Assert.StartsWith("file:", again.KeyId, StringComparison.Ordinal);
        Assert.Equal(again.KeyId, wrapped.KeyId);
        using var unwrapped = await again.UnwrapAsync(wrapped.Bytes, wrapped.KeyId, CancellationToken.None);
        Assert.Equal(key.Bytes.ToArray(), unwrapped.Bytes.ToArray());
    }

    [Fact]
    public async Task a_damaged_wrapped_key_fails_and_another_keyrings_is_named()
    {
        using var keyring = OpenCopy();
        var wrapped = (await keyring.WrapAsync(new byte[32], CancellationToken.None)).Bytes;
        wrapped[100] ^= 1;
        await Assert.ThrowsAsync<CryptographicFailure>(() => keyring.UnwrapAsync(wrapped, keyring.KeyId, CancellationToken.None));
        await Assert.ThrowsAsync<CryptographicFailure>(() => keyring.UnwrapAsync([1, 2], keyring.KeyId, CancellationToken.None));
        var refusal = await Assert.ThrowsAsync<RootKeyRefused>(() => keyring.UnwrapAsync(wrapped, "file:00", CancellationToken.None));
        Assert.Contains(keyring.KeyId, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task several_creators_at_once_end_with_one_key()
    {
        var keyrings = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => FileKeyring.OpenOrCreate(Folder))));
        Assert.Single(keyrings.Select(keyring => keyring.KeyId).Distinct());
        Assert.Equal(2, Directory.GetFiles(Folder).Length);
        foreach (var keyring in keyrings)
            keyring.Dispose();
    }

    [Theory]
    [InlineData("root.p12", UnixFileMode.OtherRead)]
    [InlineData("root.p12", UnixFileMode.GroupRead)]
    [InlineData("keyring.password", UnixFileMode.OtherRead)]
    [Trait("Requirement", "R-239")]
    public void a_file_that_others_can_read_is_refused_by_name(string file, UnixFileMode others)
    {
        OpenCopy().Dispose();
        File.SetUnixFileMode(Path.Combine(Folder, file), UnixFileMode.UserRead | UnixFileMode.UserWrite | others);
        var refusal = Assert.Throws<RootKeyRefused>(() => FileKeyring.OpenOrCreate(Folder));
        Assert.Contains(file, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("chmod 600", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "R-239")]
    public void a_folder_that_others_can_write_is_refused()
    {
        Directory.CreateDirectory(Folder);
        File.SetUnixFileMode(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherWrite);
        Assert.Throws<RootKeyRefused>(() => FileKeyring.OpenOrCreate(Folder));
        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Fact]
    public void a_password_handed_in_is_not_stored_and_is_needed_again()
    {
        using var keyring = FileKeyring.OpenOrCreate(Folder, "correct horse battery staple");
        Assert.Equal(["root.p12"], Directory.GetFiles(Folder).Select(Path.GetFileName));
        Assert.Throws<RootKeyRefused>(() => FileKeyring.OpenOrCreate(Folder));
        Assert.Throws<RootKeyRefused>(() => FileKeyring.OpenOrCreate(Folder, "wrong"));
        using var again = FileKeyring.OpenOrCreate(Folder, "correct horse battery staple");
        Assert.Equal(keyring.KeyId, again.KeyId);
    }

    [Fact]
    public void the_data_protection_certificate_has_a_key_of_its_own()
    {
        using var keyring = OpenCopy();
        Assert.True(keyring.Certificate.HasPrivateKey);
        using var rsa = keyring.Certificate.GetRSAPrivateKey()!;
        Assert.Equal(3072, rsa.KeySize);
        Assert.DoesNotContain(Convert.ToHexStringLower(SHA256.HashData(keyring.Certificate.PublicKey.ExportSubjectPublicKeyInfo())), keyring.KeyId, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "R-240")]
    public async Task stock_openssl_opens_the_key_file()
    {
        OpenCopy().Dispose();
        using var openssl = Process.Start(new ProcessStartInfo("openssl",
            ["pkcs12", "-in", Path.Combine(Folder, "root.p12"), "-passin", $"file:{Path.Combine(Folder, "keyring.password")}", "-noenc", "-info"])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, _) = (await openssl.StandardOutput.ReadToEndAsync(), await openssl.StandardError.ReadToEndAsync());
        await openssl.WaitForExitAsync();
        Assert.Equal(0, openssl.ExitCode);
        Assert.Contains("BEGIN PRIVATE KEY", output, StringComparison.Ordinal);
    }
}
