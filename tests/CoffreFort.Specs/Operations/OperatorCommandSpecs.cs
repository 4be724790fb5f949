using CoffreFort.Cli;
using CoffreFort.Server.Operations;

namespace CoffreFort.Specs.Operations;

/// <summary>The command line lists what the server's program runs, without knowing it.</summary>
public class OperatorCommandSpecs
{
    [Fact]
    public void the_command_line_lists_the_commands_that_the_server_runs() =>
        Assert.Equal(OperatorCommands.All.ToDictionary(command => command.Name, command => command.Summary), ServerProgram.Commands);

    [Theory]
    [InlineData(true, "fsck")]
    [InlineData(true, "fsck", "--help")]
    [InlineData(false)]
    [InlineData(false, "--data", "fsck")]
    public void the_server_serves_unless_its_first_argument_names_a_command(bool runs, params string[] args) =>
        Assert.Equal(runs, OperatorCommands.Name(args));
}
