using CoffreFort.Cryptography;
using CoffreFort.Cryptography.Cms;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Timestamps;

namespace CoffreFort.Server.Sealing;

/// <summary>Has the configured authority timestamp what was sealed. An authority that is away hinders nobody: the timestamp is added later. Safe for concurrent use.</summary>
public sealed class SealTimestamps(IServiceProvider services, TimeProvider clock, ILogger<SealTimestamps> log)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);

    private readonly TimestampSettings? _settings = services.GetService<TimestampSettings>();
    private readonly ITimestampAuthority? _authority = services.GetService<ITimestampAuthority>();
    private long _notBefore;

    /// <summary>Whether an authority is configured: without one, seals have no timestamp, and nothing says that one is to come.</summary>
    public bool IsConfigured => _settings is not null && _authority is not null;

    /// <summary>A timestamp over the signature of a receipt or sealed copy; null when there is none to be had now.</summary>
    /// <param name="message">The receipt or sealed copy (DER).</param>
    /// <param name="cancellation">Gives up waiting.</param>
    public async Task<Timestamp?> TryAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        var asked = clock.GetUtcNow();
        // One caller waits for an authority that does not answer; the next ones don't, for a while.
        if (_settings is null || _authority is null || asked.UtcTicks < Interlocked.Read(ref _notBefore)) return null;
        try
        {
            var request = SignatureTimestamp.Ask(message, _settings.Trust);
            var reply = await _authority.AskAsync(request.ToBytes(), cancellation);
            return request.Accept(reply, asked, clock.GetUtcNow());
        }
        catch (Exception failure) when (failure is TimestampAuthorityException or TimestampRefused)
        {
            log.LogWarning(failure, "A seal got no timestamp; the authority is asked again in {Pause}", RetryAfter);
            Interlocked.Exchange(ref _notBefore, (clock.GetUtcNow() + RetryAfter).UtcTicks);
            return null;
        }
    }
}
