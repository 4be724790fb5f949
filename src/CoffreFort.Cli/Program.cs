using System.CommandLine;
using CoffreFort.Cli;

var root = new RootCommand("CoffreFort for operators and auditors.") { VerifyJournal.Command() };
return await root.Parse(args).InvokeAsync();
