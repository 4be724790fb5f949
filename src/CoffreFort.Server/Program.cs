using CoffreFort.Server.Features;
using CoffreFort.Server.Hosting;
using CoffreFort.Server.Metrics;
using CoffreFort.Server.Operations;
using CoffreFort.Server.Web;

if (OperatorCommands.Name(args)) return await OperatorCommands.RunAsync(args);
return await RefusedStart.RunAsync(() => Program.Build(args));

/// <summary>The composition root: each module contributes one Add and one Map, and nothing is decided here.</summary>
public partial class Program
{
    /// <summary>Composes the application without starting it and without reaching anything outside, so that a spec can look at its endpoints.</summary>
    /// <param name="args">Configuration as on the command line.</param>
    /// <param name="configure">The last word on services: tests put faulty parts in place of real ones.</param>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? configure = null)
    {
        // Named and placed by hand: it may run from any folder, and inside a test's process.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args, ApplicationName = typeof(Program).Assembly.GetName().Name, ContentRootPath = AppContext.BaseDirectory,
        });
        var data = Path.GetFullPath(builder.Configuration["data"] ?? ".data");
        Setting.CheckAddresses(builder.Configuration);
        builder.AddSignIn(data);
        builder.AddWeb();
        builder.AddStorage(data);
        builder.AddFeatures();
        builder.AddMetrics();
        // A start that fails is told by whoever started it, in words; the rest of this category keeps its worst news.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        configure?.Invoke(builder.Services);

        var app = builder.Build();
        app.UseWeb();
        app.MapSignIn();
        app.MapWeb();
        app.MapHealth();
        app.MapMetrics();
        app.MapApi();
        return app;
    }
}
