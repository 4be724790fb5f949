using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Hosting;
using Microsoft.Extensions.Configuration;

namespace CoffreFort.Specs.Checkpoints;

public sealed class LogSettingsSpecs
{
    [Theory]
    [InlineData("my log", "00:00:01")]
    [InlineData("log.example.org/coffre+fort", "00:00:01")]
    [InlineData("log.example.org\n", "00:00:01")]
    [InlineData("log.example.org/coffrefort", "00:00:00")]
    [InlineData("log.example.org/coffrefort", "-00:00:01")]
    public void a_log_that_could_never_publish_does_not_start(string origin, string every) =>
        Assert.Throws<SettingsException>(() => LogSettings.From(With(origin, every)));

    [Fact]
    public void a_log_is_named_as_configured_and_publishes_as_often() =>
        Assert.Equal(new LogSettings("log.example.org/coffrefort", TimeSpan.FromMinutes(1)), LogSettings.From(With("log.example.org/coffrefort", "00:01:00")));

    private static IConfiguration With(string origin, string every) =>
        new ConfigurationBuilder().AddInMemoryCollection([new("Log:Origin", origin), new("Checkpoints:Every", every)]).Build();
}
