using CoffreFort.Cryptography;
using CoffreFort.Server.Hosting;

namespace CoffreFort.Server.Sealing;

/// <summary>A seal that ends soon, or can't be used, is shown and told; it keeps no node from serving.</summary>
public sealed class SealReadiness(ServerSeal seals, TimeProvider clock) : IReadinessPart
{
    public const string Unusable = "seal-unusable";
    public const string Ending = "seal-ending";

    /// <summary>So long before its end an operator is told: an authority may take weeks.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(30);

    public string Name => "seal";

    public async Task<ReadinessReport> LookAsync(CancellationToken cancellation)
    {
        try
        {
            var seal = await seals.FindAsync(cancellation);
            var now = clock.GetUtcNow();
            var problem = now < seal.NotBefore || now > seal.NotAfter
                ? new ReadinessProblem(Unusable, Name, $"The certificate of the seal is valid from {seal.NotBefore:O} to {seal.NotAfter:O}.", Blocks: false)
                : now > seal.NotAfter - Ahead ? new ReadinessProblem(Ending, Name, $"The certificate of the seal ends at {seal.NotAfter:O}.", Blocks: false)
                : null;
            return new ReadinessReport(
                new { subject = seal.Certificate.Subject, selfSigned = seal.IsOwn, notAfter = seal.NotAfter }, problem is null ? [] : [problem]);
        }
        catch (Exception failure) when (failure is SealUnusableException or RootKeyRefused or IOException)
        {
            return new ReadinessReport(new { }, [new ReadinessProblem(Unusable, Name, failure.Message, Blocks: false)]);
        }
    }
}
