using CoffreFort.IntegrationTests.Checkpoints;
using CoffreFort.Server.Edges.Timestamps;

namespace CoffreFort.IntegrationTests.Features.Receipts;

/// <summary>The shared <see cref="OpenSslAuthority"/>, which goes away and comes back.</summary>
internal sealed class WaywardAuthority : ITimestampAuthority
{
    public bool IsAway { get; set; }

    public Task<byte[]> AskAsync(byte[] request, CancellationToken cancellation) =>
        IsAway ? throw new TimestampAuthorityException("It is away.") : Task.FromResult(OpenSslAuthority.Shared.Reply(request));
}
