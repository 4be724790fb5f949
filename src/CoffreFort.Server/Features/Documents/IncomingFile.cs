namespace CoffreFort.Server.Features.Documents;

/// <summary>A document on its way in, and the signature file that comes beside it, before or after.</summary>
/// <param name="body">The document's bytes; read once, to their end.</param>
/// <param name="name">What the sender calls it; null when they don't say.</param>
/// <param name="signature">Reads what follows the body, and passes over what was not read of it; null when the body is all there is.</param>
public sealed class IncomingFile(Stream body, string? name = null, Func<CancellationToken, Task<(byte[]? Message, Refusal? Refusal)>>? signature = null)
{
    private Task<(byte[]? Message, Refusal? Refusal)>? _signature;

    public Stream Body => body;

    public string? Name => name;

    /// <summary>The body must have been read to its end by now, unless nobody wants it: what is left of it is passed over.</summary>
    /// <returns>Null and null when none came.</returns>
    public Task<(byte[]? Message, Refusal? Refusal)> SignatureAsync(CancellationToken cancellation) =>
        _signature ??= signature?.Invoke(cancellation) ?? Task.FromResult<(byte[]?, Refusal?)>((null, null));
}
