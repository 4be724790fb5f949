using System.CommandLine;

namespace CoffreFort.Server.Operations;

/// <summary>A command for operators that needs what the server knows of vaults, views, blobs and keys. People call it as <c>coffrefort NAME</c>.</summary>
/// <param name="Name">As typed, such as <c>fsck</c>; the command line lists the same (CoffreFort.Cli/ServerProgram.cs).</param>
/// <param name="Summary">One sentence for the help.</param>
/// <param name="Parameters">Its own options and arguments, besides those of <see cref="OperatorSettings"/>.</param>
/// <param name="RunAsync">
/// Runs it over the composed application's services, in a scope of its own; neither Kestrel nor workers run. Output for programs goes to
/// stdout, for people to stderr. Gives one of <see cref="OperatorExit"/>; an exception is told in one line and means <see cref="OperatorExit.Unable"/>.
/// </param>
public sealed record OperatorCommand(
    string Name, string Summary, IReadOnlyList<Symbol> Parameters, Func<ParseResult, IServiceProvider, CancellationToken, Task<int>> RunAsync);
