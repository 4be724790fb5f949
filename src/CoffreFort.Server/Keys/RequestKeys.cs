namespace CoffreFort.Server.Keys;

/// <summary>The subject keys that one request needs, each unwrapped once and cleared when the request ends. Not safe for concurrent use.</summary>
public sealed class RequestKeys(KeyStore store) : IDisposable
{
    private readonly Dictionary<Guid, SubjectKey?> _subjects = [];

    /// <summary>The key for personal texts of this owner, or null: erased.</summary>
    public async Task<SubjectKey?> SubjectAsync(Guid owner, CancellationToken cancellation)
    {
        if (!_subjects.TryGetValue(owner, out var key))
            _subjects.Add(owner, key = await store.SubjectAsync(owner, cancellation));
        return key;
    }

    /// <summary>A personal text about this owner, ready to be put into an event; null stays null.</summary>
    /// <exception cref="Cryptography.CryptographicFailure">The owner's key is gone: nothing personal can be recorded any more.</exception>
    public async Task<Personal?> SealAsync(Guid owner, string? text, CancellationToken cancellation) =>
        text is null ? null : Personal.Of(text, await SubjectAsync(owner, cancellation) ?? throw new Cryptography.CryptographicFailure());

    /// <summary>The text, or null when there is none or it was erased.</summary>
    public async Task<string?> RevealAsync(Guid owner, Personal? text, CancellationToken cancellation) =>
        text?.Reveal(await SubjectAsync(owner, cancellation));

    public void Dispose()
    {
        foreach (var key in _subjects.Values) key?.Secret.Dispose();
        _subjects.Clear();
    }
}
