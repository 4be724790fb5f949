using System.Security.Cryptography;
using System.Text;
using CoffreFort.Cryptography;
using CoffreFort.Transparency;

namespace CoffreFort.Server.Checkpoints;

/// <summary>The keys that sign checkpoints, one for each origin, in the keyring. Safe for concurrent use.</summary>
/// <param name="keyring">The caller's; opened at the first use, so that a keyring that can't be used hinders only what needs it.</param>
public sealed class LogKeys(Lazy<FileKeyring> keyring) : IDisposable
{
    private readonly Dictionary<string, ECDsa> _keys = [];

    /// <summary>
    /// Makes the key of a log that has published nothing yet; one that is there stays. For whoever is about to sign that log's first checkpoint: nowhere else does a
    /// key come into being, so that a lost one is noticed and never replaced.
    /// </summary>
    public void Make(string origin)
    {
        lock (_keys) Open(origin);
    }

    /// <summary>The public key that checkpoints of an origin verify with.</summary>
    /// <exception cref="LogKeyMissingException">The keyring holds none.</exception>
    public NoteVerifierKey VerifierKey(string origin) => With(origin, key => EcdsaNote.VerifierKey(origin, key));

    /// <summary>Whether this keyring holds the key of an origin.</summary>
    public bool Holds(string origin) => keyring.Value.HoldsSigningKey(NameOf(origin));

    /// <summary>Signs a note's text as an origin.</summary>
    /// <exception cref="LogKeyMissingException">The keyring holds no key of it.</exception>
    public NoteSignature Sign(string text, string origin) => With(origin, key => EcdsaNote.Sign(text, origin, key));

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
        lock (_keys)
        {
            foreach (var key in _keys.Values) key.Dispose();
            _keys.Clear();
        }
    }

    private T With<T>(string origin, Func<ECDsa, T> use)
    {
        lock (_keys) return use(_keys.ContainsKey(origin) || Holds(origin) ? Open(origin) : throw new LogKeyMissingException(origin));
    }

    private ECDsa Open(string origin)
    {
        if (!_keys.TryGetValue(origin, out var key)) _keys.Add(origin, key = keyring.Value.OpenSigningKey(NameOf(origin)));
        return key;
    }

    /// <summary>An origin may hold what a file's name may not.</summary>
    private static string NameOf(string origin) => "log-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin)).AsSpan(0, 8));
}
