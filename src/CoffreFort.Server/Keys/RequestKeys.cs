namespace CoffreFort.Server.Keys;

/// <summary>The subject keys that one request needs, each unwrapped once and cleared when the request ends. Not safe for concurrent use.</summary>
public sealed class RequestKeys(KeyStore store) : IDisposable
{
    private readonly Dictionary<Guid, SubjectKey?> _subjects = [];

    /// <summary>The key for personal texts of this owner, or null: erased.</summary>
    public Task<SubjectKey?> SubjectAsync(Guid owner, CancellationToken cancellation) => SubjectAsync(owner, owner, cancellation);

    private async Task<SubjectKey?> SubjectAsync(Guid owner, Guid subject, CancellationToken cancellation)
    {
        if (!_subjects.TryGetValue(subject, out var key))
            _subjects.Add(subject, key = await store.SubjectAsync(owner, subject, cancellation));
        return key;
    }

    /// <summary>A personal text about this owner, ready to be put into an event; null stays null.</summary>
    /// <exception cref="Cryptography.CryptographicFailure">The owner's key is gone: nothing personal can be recorded any more.</exception>
    public async Task<Personal?> SealAsync(Guid owner, string? text, CancellationToken cancellation) =>
        text is null ? null : Personal.Of(text, await SubjectAsync(owner, cancellation) ?? throw new Cryptography.CryptographicFailure());

    /// <summary>A text that ends with one document of the owner's: its title, its file's name. Null stays null.</summary>
    /// <exception cref="Cryptography.CryptographicFailure">The document's key is gone.</exception>
    public async Task<Personal?> SealAsync(Guid owner, Guid document, string? text, CancellationToken cancellation) =>
        text is null ? null : Personal.Of(text, await SubjectAsync(owner, document, cancellation) ?? throw new Cryptography.CryptographicFailure());

    /// <summary>Whether nothing personal about this owner can be sealed any more.</summary>
    public async Task<bool> IsErasedAsync(Guid owner, CancellationToken cancellation) => await SubjectAsync(owner, cancellation) is null;

    /// <summary>Whether nothing about this document can be sealed any more.</summary>
    public async Task<bool> IsErasedAsync(Guid owner, Guid document, CancellationToken cancellation) => await SubjectAsync(owner, document, cancellation) is null;

    /// <summary>The text, or null when there is none or it was erased. The envelope says whether it is under the owner's key or under one document's.</summary>
    public async Task<string?> RevealAsync(Guid owner, Personal? text, CancellationToken cancellation) =>
        text?.Reveal(await SubjectAsync(owner, text.KeyOf(owner), cancellation));

    /// <summary>Fetches at once the keys that a list of one owner's texts needs: <see cref="RevealAsync"/> then asks nothing more.</summary>
    public async Task PrepareAsync(Guid owner, IEnumerable<Personal?> texts, CancellationToken cancellation)
    {
        var wanted = texts.Select(text => text?.KeyOf(owner) ?? owner).Distinct().Where(subject => !_subjects.ContainsKey(subject)).ToList();
        foreach (var key in await store.SubjectsAsync(owner, wanted, cancellation)) _subjects.Add(key.Owner, key);
        foreach (var gone in wanted) _subjects.TryAdd(gone, null);
    }

    public void Dispose()
    {
        foreach (var key in _subjects.Values) key?.Dispose();
        _subjects.Clear();
    }
}
