using CoffreFort.Server.Edges.Timestamps;

namespace CoffreFort.IntegrationTests.Checkpoints;

/// <summary>The shared <see cref="OpenSslAuthority"/>, without a network between.</summary>
internal sealed class OpenSslEdge : ITimestampAuthority
{
    /// <summary>What a server must be told to want it; nothing listens there.</summary>
    public static string[] Settings => ["Timestamps:Url=http://127.0.0.1:9", $"Timestamps:Anchors={OpenSslAuthority.Shared.AnchorsFile}", "Timestamps:Events=1"];

    public Task<byte[]> AskAsync(byte[] request, CancellationToken cancellation) => Task.FromResult(OpenSslAuthority.Shared.Reply(request));
}
