namespace CoffreFort.Server.Edges.Timestamps;

/// <summary>Somebody else with a clock, who signs that a hash existed at a time (RFC 3161). Safe for concurrent use.</summary>
public interface ITimestampAuthority
{
    /// <summary>Hands over a request and gives the reply, which is not checked here.</summary>
    /// <param name="request">DER, <c>application/timestamp-query</c>.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>DER as far as the authority says so; at most <see cref="Cryptography.TimestampRequest.LongestReply"/> bytes.</returns>
    /// <exception cref="TimestampAuthorityException">There is no answer: unreachable, too slow, too long, an error.</exception>
    Task<byte[]> AskAsync(byte[] request, CancellationToken cancellation);
}
