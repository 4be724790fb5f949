using CoffreFort.Server.Hosting;
using CoffreFort.Transparency;

namespace CoffreFort.Server.Edges.Witness;

/// <summary>
/// Which witnesses there are: <c>Witness:Url</c> and <c>Witness:Key</c> for one, <c>Witness:0:Url</c>, <c>Witness:0:Key</c>, <c>Witness:1:…</c> for several; and
/// <c>Witness:Required</c>, true if not set: nothing is published that one of them has not cosigned. <c>Witness:Former:0</c> … are keys of earlier witnesses,
/// whose lines stand under stored checkpoints.
/// </summary>
public static class WitnessConfiguration
{
    public static IServiceCollection AddWitnesses(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection("Witness");
        var each = section["Url"] is null && section["Key"] is null ? section.GetChildren().Where(child => int.TryParse(child.Key, out _)).ToList() : [section];
        var required = section.Read("Required", each.Count > 0);
        if (required && each.Count == 0) throw new InvalidOperationException("Witness:Required is set, but there is no witness: set Witness:Url and Witness:Key.");
        var ed25519 = new Ed25519();
        services.AddSingleton(new WitnessKeys([.. each.Select(Key), .. section.GetSection("Former").GetChildren().Select(former => Key(former.Value, former.Path))]));
        return services.AddSingleton(new Witnesses([.. each.Select(one => new HttpWitness(Url(one), Key(one), Client(), ed25519))], required));
    }

    private static Uri Url(IConfigurationSection section) =>
        Uri.TryCreate(section["Url"], UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new InvalidOperationException($"{section.Path}:Url is not an http or https address: '{section["Url"]}'.");

    private static NoteVerifierKey Key(IConfigurationSection section) => Key(section["Key"], $"{section.Path}:Key");

    private static NoteVerifierKey Key(string? text, string setting) =>
        NoteVerifierKey.TryParse(text, out var key, out var fault) && key.Type == Cosignature.Type
            ? key
            : throw new InvalidOperationException(
                $"{setting} is not a witness's verifier key ({fault ?? "it is a log's"}): take the line that 'coffrefort witness key' prints.");

    private static HttpClient Client() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        Timeout = TimeSpan.FromSeconds(15), MaxResponseContentBufferSize = 64 * 1024,
    };
}
