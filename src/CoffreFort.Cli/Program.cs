using System.CommandLine;
using CoffreFort.Cli;
using CoffreFort.Cli.Opening;
using CoffreFort.Cli.Witness;

if (ServerProgram.Runs(args)) return await ServerProgram.RunAsync(args);
var root = new RootCommand("CoffreFort for operators and auditors.") { VerifyJournal.Command(), WitnessCommand.Command(), OpenCommand.Command(Console.Out, Console.Error) };
foreach (var command in ServerProgram.Listed()) root.Subcommands.Add(command);
return await root.Parse(args).InvokeAsync();

// Said here, or the web framework would make it public, and tests would see two programs.
internal sealed partial class Program;
