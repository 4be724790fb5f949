using System.Net.Sockets;
using System.Text.Json;
using CoffreFort.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Operations;
using Npgsql;

namespace CoffreFort.Server.Hosting;

/// <summary>A start that is refused ends with a plain message and an exit code that says what kind of refusal it is (docs/operations.md).</summary>
public static class RefusedStart
{
    /// <summary>The journal is not the one that was last published, or what it rests on is damaged: starting again changes nothing.</summary>
    public const int Data = 65;

    /// <summary>Something that it stands on can't be reached: starting again later may help.</summary>
    public const int Unreachable = 69;

    /// <summary>A fault of the program; the trace stands before the message.</summary>
    public const int Fault = 70;

    /// <summary>A setting is missing or wrong: starting again changes nothing.</summary>
    public const int Settings = 78;

    /// <summary>The database is there, and was not set up for this server.</summary>
    private static readonly string[] Setup =
    [
        PostgresErrorCodes.InvalidPassword, PostgresErrorCodes.InvalidAuthorizationSpecification, PostgresErrorCodes.InvalidCatalogName,
        PostgresErrorCodes.InsufficientPrivilege, PostgresErrorCodes.UndefinedTable, PostgresErrorCodes.InvalidSchemaName,
    ];

    /// <summary>Runs the server until it is told to stop.</summary>
    /// <param name="build">Composes it; whatever that throws is a setting that is wrong.</param>
    /// <returns>The program's exit code: 0 when it was told to stop, during the start too, <see cref="Fault"/> when something that runs in the background failed for good.</returns>
    public static async Task<int> RunAsync(Func<WebApplication> build)
    {
        WebApplication? application = null;
        try
        {
            application = build();
            await application.StartAsync();
        }
#pragma warning disable CA1031 // Whatever it was, the operator reads why, and a script reads an exit code.
        catch (Exception thrown)
        {
            // A part that failed in the background ends the start too, which then only says that it was cancelled.
            var failure = thrown is OperationCanceledException && application is not null ? BackgroundFault(application.Services) ?? thrown : thrown;
            if (failure is OperationCanceledException && application is not null && application.Lifetime.ApplicationStopping.IsCancellationRequested)
            {
                await application.DisposeAsync();
                return 0;
            }

            var code = application is null ? Settings : Code(failure);
            if (application is not null) await application.DisposeAsync();
            await Console.Error.WriteLineAsync(code == Fault ? $"{failure}\n{Say(failure)}" : Say(failure));
            return code;
        }
#pragma warning restore CA1031

        await application.WaitForShutdownAsync();
        var fault = BackgroundFault(application.Services);
        await application.DisposeAsync();
        if (fault is null) return 0;
        await Console.Error.WriteLineAsync($"{fault}\nCoffreFort stopped by itself: {Words.Of(fault)}");
        return Fault;
    }

    /// <summary>What ended the server though nobody told it to stop: whoever watches over it must start it again.</summary>
    private static Exception? BackgroundFault(IServiceProvider services) => services.GetServices<IHostedService>().OfType<BackgroundService>()
        .Select(service => service.ExecuteTask?.Exception?.GetBaseException()).FirstOrDefault(fault => fault is not null);

    private static int Code(Exception failure) => failure switch
    {
        SettingsException or CatalogueException => Settings,
        // The fork guard refuses also because it can't compare.
        ForkRefusedException or CheckpointRefusedException or JournalDamagedException or RootKeyRefused => Data,
        // Requests are not served yet: what is read and can't be understood was stored.
        JsonException or UnknownEventTypeException => Data,
        PostgresException reported when Setup.Contains(reported.SqlState) => Settings,
        NpgsqlException or JournalUnavailableException or BlobStoreException or Unavailable or SocketException or IOException or TimeoutException => Unreachable,
        UnauthorizedAccessException => Settings,
        _ => Fault,
    };

    private static string Say(Exception failure)
    {
        var words = Words.Of(failure);
        return words.StartsWith("CoffreFort does not start", StringComparison.Ordinal) ? words : $"CoffreFort does not start: {words}";
    }
}
