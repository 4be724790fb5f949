namespace CoffreFort.Server.Hosting;

/// <summary>Reads single settings. One that can't be read, or under which nothing would work, ends the start with its name and what it should be.</summary>
public static class Setting
{
    /// <summary>The longest that a timer of the platform can wait is 49 days.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(45);

    /// <summary>A setting's value, or what holds when it is not set.</summary>
    /// <exception cref="SettingsException">It is set, and not to a value of this kind.</exception>
    public static T Read<T>(this IConfiguration configuration, string key, T otherwise)
    {
        if (string.IsNullOrEmpty(configuration[key])) return otherwise;
        try
        {
            return configuration.GetValue(key, otherwise)!;
        }
        catch (InvalidOperationException unreadable)
        {
            throw new SettingsException($"{Name(configuration, key)} is not of the kind '{Kind(typeof(T))}': {configuration[key]}.", unreadable);
        }
    }

    /// <summary>How long something takes or waits: more than no time, unless <paramref name="none"/> allows that, and 45 days at most.</summary>
    /// <exception cref="SettingsException">It is set to something else.</exception>
    public static TimeSpan Duration(this IConfiguration configuration, string key, TimeSpan otherwise, bool none = false)
    {
        var value = configuration.Read(key, otherwise);
        if (value < TimeSpan.Zero || (value == TimeSpan.Zero && !none)) throw new SettingsException($"{Name(configuration, key)} is more than no time, not {value}.");
        return value <= Longest ? value : throw new SettingsException($"{Name(configuration, key)} is 45 days at most, not {value}.");
    }

    /// <summary>A number that must be above zero.</summary>
    /// <exception cref="SettingsException">It is set to something else.</exception>
    public static double Positive(this IConfiguration configuration, string key, double otherwise)
    {
        var value = configuration.Read(key, otherwise);
        return value > 0 && double.IsFinite(value) ? value : throw new SettingsException($"{Name(configuration, key)} is a number above zero, not {value}.");
    }

    /// <summary>Where the server listens, looked at before anything is begun.</summary>
    /// <exception cref="SettingsException">An address has no form that can be listened on.</exception>
    public static void CheckAddresses(IConfiguration configuration)
    {
        foreach (var address in (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            try
            {
                if (BindingAddress.Parse(address).Scheme.ToUpperInvariant() is "HTTP" or "HTTPS") continue;
            }
            catch (FormatException)
            {
                // Said below, as that of a scheme nobody serves.
            }

            throw new SettingsException($"--urls has no address to listen on: {address}. One is such as http://127.0.0.1:5080.");
        }
    }

    private static string Name(IConfiguration configuration, string key) => configuration is IConfigurationSection { Path: var path } ? $"{path}:{key}" : key;

    private static string Kind(Type type) => (Nullable.GetUnderlyingType(type) ?? type).Name switch
    {
        nameof(TimeSpan) => "d.hh:mm:ss",
        nameof(Boolean) => "true or false",
        _ => "number",
    };
}
