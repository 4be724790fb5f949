using System.Runtime.InteropServices;

namespace CoffreFort.Transparency;

/// <summary>Ed25519 verification by the OpenSSL 3 library of the machine, in this process: a hundred times quicker than a run of its program.</summary>
/// <remarks>The same code as the program's, and the library that .NET's own cryptography on Linux stands on. Private keys never come here.</remarks>
internal static class OpenSslLibrary
{
    private const string Name = "libcrypto.so.3";
    private const int Ed25519Key = 1087;

    /// <summary>Whether this machine has it under that name.</summary>
    public static bool IsPresent { get; } = NativeLibrary.TryLoad(Name, typeof(OpenSslLibrary).Assembly, DllImportSearchPath.SafeDirectories, out _);

    /// <summary>Whether a signature is right. The caller has checked the lengths.</summary>
    /// <exception cref="OpenSslFailure">It can't verify Ed25519, so that nothing is known.</exception>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        nint key = 0, context = 0;
        try
        {
            key = NewRawPublicKey(Ed25519Key, 0, in MemoryMarshal.GetReference(publicKey), (nuint)publicKey.Length);
            context = NewContext();
            if (key == 0 || context == 0 || VerifyInit(context, 0, 0, 0, key) != 1) throw new OpenSslFailure($"{Name} does not verify Ed25519 signatures on this machine.");
            return Verify(context, in MemoryMarshal.GetReference(signature), (nuint)signature.Length, in MemoryMarshal.GetReference(message), (nuint)message.Length) == 1;
        }
        finally
        {
            FreeContext(context);
            FreeKey(key);
            // What is wrong with a signature must not be read as another call's fault on this thread.
            ClearErrors();
        }
    }

    [DllImport(Name, EntryPoint = "EVP_PKEY_new_raw_public_key")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint NewRawPublicKey(int type, nint engine, in byte key, nuint length);

    [DllImport(Name, EntryPoint = "EVP_MD_CTX_new")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint NewContext();

    [DllImport(Name, EntryPoint = "EVP_DigestVerifyInit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int VerifyInit(nint context, nint keyContext, nint digest, nint engine, nint key);

    [DllImport(Name, EntryPoint = "EVP_DigestVerify")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Verify(nint context, in byte signature, nuint signatureLength, in byte message, nuint messageLength);

    [DllImport(Name, EntryPoint = "EVP_MD_CTX_free")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void FreeContext(nint context);

    [DllImport(Name, EntryPoint = "EVP_PKEY_free")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void FreeKey(nint key);

    [DllImport(Name, EntryPoint = "ERR_clear_error")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void ClearErrors();
}
