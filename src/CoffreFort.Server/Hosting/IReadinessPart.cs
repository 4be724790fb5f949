namespace CoffreFort.Server.Hosting;

/// <summary>One thing that readiness looks at. Register another as a service, and <c>/health/ready</c>, the operator's page and the alerts have it.</summary>
public interface IReadinessPart
{
    /// <summary>Its member in the answer of <c>/health/ready</c>.</summary>
    string Name { get; }

    /// <summary>Quick, and without changing anything. An exception counts as a problem.</summary>
    Task<ReadinessReport> LookAsync(CancellationToken cancellation);
}

/// <param name="Details">Becomes JSON; nothing personal.</param>
/// <param name="Problems">What is the matter; empty when all is well.</param>
public sealed record ReadinessReport(object Details, IReadOnlyList<ReadinessProblem> Problems);

/// <param name="Code">Stable, kebab-case: <c>subscription-stopped</c>.</param>
/// <param name="Subject">What it is about: a view's name, a store's.</param>
/// <param name="Reason">One English sentence for operators.</param>
/// <param name="Since">When it began, the same for every node that sees it. Null when the part can't say: then when it was first noticed counts (<see cref="ProblemRecord"/>).</param>
/// <param name="Blocks">Whether the node is not ready because of it; else it is only shown and told.</param>
public sealed record ReadinessProblem(string Code, string Subject, string Reason, DateTimeOffset? Since = null, bool Blocks = true);
