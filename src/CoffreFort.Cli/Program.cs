using System.CommandLine;
using CoffreFort.Cli;

if (ServerProgram.Runs(args)) return await ServerProgram.RunAsync(args);
var root = new RootCommand("CoffreFort for operators and auditors.") { VerifyJournal.Command() };
foreach (var command in ServerProgram.Listed()) root.Subcommands.Add(command);
return await root.Parse(args).InvokeAsync();
