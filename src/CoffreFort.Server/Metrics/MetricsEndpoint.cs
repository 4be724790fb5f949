namespace CoffreFort.Server.Metrics;

/// <summary><c>/metrics</c> for Prometheus. Open to whoever reaches the port, as /health is: counts, durations and names of views, nothing personal.</summary>
public static class MetricsEndpoint
{
    public static WebApplicationBuilder AddMetrics(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PrometheusText>().AddSingleton<Gauges>();
        return builder;
    }

    public static void MapMetrics(this WebApplication app)
    {
        // From the start, not from the first scrape: what is measured before counts.
        app.Services.GetRequiredService<PrometheusText>();
        app.MapGet("/metrics", async (PrometheusText text, Gauges gauges, CancellationToken cancellation) =>
        {
            await gauges.SampleAsync(cancellation);
            return Results.Text(text.Write(), "text/plain; version=0.0.4; charset=utf-8");
        }).AllowAnonymous();
    }
}
