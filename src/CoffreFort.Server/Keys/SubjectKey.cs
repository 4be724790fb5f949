using CoffreFort.Cryptography;

namespace CoffreFort.Server.Keys;

/// <summary>
/// The key of the personal texts about one vault's people (or of one agency's, one audit's): the generation that new texts are sealed under, and the earlier ones,
/// which old events stay readable by. Cleared when disposed.
/// </summary>
public sealed class SubjectKey : IDisposable
{
    private readonly IReadOnlyList<(uint Generation, SecretKey Secret)> _generations;

    /// <param name="owner">Whose key it is: the vault, the agency or the audit. It stands in the envelope as key id.</param>
    /// <param name="generations">At least one; the highest is the current one.</param>
    public SubjectKey(Guid owner, params IReadOnlyList<(uint Generation, SecretKey Secret)> generations) =>
        (Owner, _generations) = (owner, [.. generations.OrderBy(one => one.Generation)]);

    public Guid Owner { get; }

    /// <summary>The current generation: the one for new texts. From 1.</summary>
    public uint Generation => _generations[^1].Generation;

    /// <summary>The current generation's key.</summary>
    public SecretKey Secret => _generations[^1].Secret;

    /// <summary>One generation's key, or null if there is none.</summary>
    public SecretKey? Of(uint generation)
    {
        foreach (var one in _generations)
        {
            if (one.Generation == generation) return one.Secret;
        }

        return null;
    }

    public void Dispose()
    {
        foreach (var (_, secret) in _generations) secret.Dispose();
    }
}
