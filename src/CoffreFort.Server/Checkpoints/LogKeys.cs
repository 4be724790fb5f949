using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using CoffreFort.Cryptography;
using CoffreFort.Transparency;

namespace CoffreFort.Server.Checkpoints;

/// <summary>The keys that sign checkpoints, one for each origin, in the keyring. Safe for concurrent use.</summary>
/// <param name="keyring">The caller's; opened at the first use, so that a keyring that can't be used hinders only what needs it.</param>
public sealed class LogKeys(Lazy<FileKeyring> keyring) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<ECDsa>> _keys = new();

    /// <summary>The public key that checkpoints of an origin verify with; makes the key at the first use.</summary>
    public NoteVerifierKey VerifierKey(string origin)
    {
        var key = KeyOf(origin);
        lock (key) return EcdsaNote.VerifierKey(origin, key);
    }

    /// <summary>Whether this keyring holds the key of an origin.</summary>
    public bool Holds(string origin) => keyring.Value.HoldsSigningKey(NameOf(origin));

    /// <summary>Signs a note's text as an origin.</summary>
    public NoteSignature Sign(string text, string origin)
    {
        var key = KeyOf(origin);
        lock (key) return EcdsaNote.Sign(text, origin, key);
    }

    /// <summary>Reads a checkpoint that this installation is said to have signed.</summary>
    /// <param name="note">The signed note.</param>
    /// <param name="checkpoint">The checkpoint, signed by the key that the keyring holds for its origin.</param>
    /// <returns>What is wrong with it, or null.</returns>
    public string? Fault(string note, out Checkpoint? checkpoint)
    {
        var bytes = Encoding.UTF8.GetBytes(note);
        checkpoint = null;
        if (!SignedNote.TryParse(bytes, out var read, out var fault) || !Checkpoint.TryParse(read.Text, out var claimed, out fault)) return fault;
        if (!Holds(claimed.Origin)) return $"The keyring holds no key of the log {claimed.Origin}.";
        return Checkpoint.TryOpen(bytes, VerifierKey(claimed.Origin), out _, out checkpoint, out fault) ? null : fault;
    }

    public void Dispose()
    {
        foreach (var key in _keys.Values.Where(key => key.IsValueCreated)) key.Value.Dispose();
    }

    private ECDsa KeyOf(string origin) => _keys.GetOrAdd(origin, name => new Lazy<ECDsa>(() => keyring.Value.OpenSigningKey(NameOf(name)))).Value;

    /// <summary>An origin may hold what a file's name may not.</summary>
    private static string NameOf(string origin) => "log-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin)).AsSpan(0, 8));
}
