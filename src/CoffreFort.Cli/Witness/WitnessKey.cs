using System.Text;
using CoffreFort.Transparency;

namespace CoffreFort.Cli.Witness;

/// <summary>The witness's Ed25519 key pair: made once, in one step, and never shown.</summary>
internal sealed class WitnessKey
{
    private readonly string file;
    private readonly Ed25519 ed25519 = new();

    private WitnessKey(string file, NoteVerifierKey verifier) => (this.file, Verifier) = (file, verifier);

    /// <summary>What others verify its cosignatures with.</summary>
    public NoteVerifierKey Verifier { get; }

    /// <summary>Reads the verifier key of a folder that has one, also while a witness runs; null when there is none yet.</summary>
    /// <exception cref="WitnessRefusal">The file is damaged, or open to others.</exception>
    public static NoteVerifierKey? ReadVerifier(string folder)
    {
        var path = Path.Combine(folder, "key", "vkey");
        if (!File.Exists(path)) return null;
        var line = Encoding.UTF8.GetString(DurableFiles.Read(path)).TrimEnd('\n');
        return NoteVerifierKey.TryParse(line, out var key, out var fault) && key.Type == Cosignature.Type
            ? key
            : throw new WitnessRefusal($"{path} is damaged ({fault ?? "the key is of another type"}): restore it from the line that was published.");
    }

    /// <summary>Opens the folder's key, and makes one where there is none.</summary>
    /// <param name="folder">The folder, held by this process.</param>
    /// <param name="name">The name to give to a new key; a key that is there must have it, unless it is null.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="WitnessRefusal">The key is damaged, open to others, or of another name; or logs were followed and the key is gone.</exception>
    /// <exception cref="OpenSslFailure">openssl is missing or failed.</exception>
    public static async Task<WitnessKey> OpenAsync(WitnessFolder folder, string? name, CancellationToken cancellation)
    {
        var path = Path.Combine(folder.Path, "key");
        if (!Directory.Exists(path))
        {
            if (folder.KnownLogs().Count > 0)
                throw new WitnessRefusal($"{path} is gone, though this witness has followed logs: restore it from its backup, or begin a new witness in another folder.");
            await MakeAsync(path, name ?? DefaultName(), cancellation);
        }

        DurableFiles.EnsureFolder(path);
        var verifier = ReadVerifier(folder.Path) ?? throw new WitnessRefusal($"{path}/vkey is gone: restore it from the line that was published.");
        if (name is not null && verifier.Name != name) throw new WitnessRefusal($"This witness is called {verifier.Name}; a name is part of its key and can't be changed.");
        var key = new WitnessKey(Path.Combine(path, "private.pem"), verifier);
        DurableFiles.Read(key.file);
        var actual = await key.ed25519.PublicKeyAsync(key.file, cancellation);
        if (!verifier.PublicKey.Span.SequenceEqual(actual))
            throw new WitnessRefusal($"{key.file} is not the key that {path}/vkey names.");
        return key;
    }

    public Task<NoteSignature> CosignAsync(SignedNote note, DateTimeOffset time) => Cosignature.SignAsync(note, Verifier, file, time, ed25519, CancellationToken.None);

    /// <summary>When it cosigned a note; null if it did not.</summary>
    public Task<DateTimeOffset?> TimeOfAsync(SignedNote note, CancellationToken cancellation) => Cosignature.VerifyAsync(note, Verifier, ed25519, cancellation);

    // Both files appear together, or none: a process that dies in between leaves only a folder of another name.
    private static async Task MakeAsync(string path, string name, CancellationToken cancellation)
    {
        var making = path + ".new";
        if (Directory.Exists(making)) Directory.Delete(making, recursive: true);
        DurableFiles.EnsureFolder(making);
        var pem = Path.Combine(making, "private.pem");
        var ed25519 = new Ed25519();
        await ed25519.CreateKeyAsync(pem, cancellation);
        var verifier = Cosignature.VerifierKey(name, await ed25519.PublicKeyAsync(pem, cancellation));
        DurableFiles.Replace(Path.Combine(making, "vkey"), Encoding.UTF8.GetBytes($"{verifier}\n"));
        Directory.Move(making, path);
        DurableFiles.FlushFolder(Path.GetDirectoryName(path)!);
    }

    private static string DefaultName() =>
        $"{string.Concat(Environment.MachineName.Select(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' ? character : '-'))}/witness";
}
