using Npgsql;

namespace CoffreFort.Server.Operations;

/// <summary>What failed, for whoever runs the program.</summary>
internal static class Words
{
    /// <summary>With what lies beneath: "can't be reached" alone helps nobody.</summary>
    public static string Of(Exception failure)
    {
        var words = new List<string>();
        for (var one = failure; one is not null; one = one.InnerException)
        {
            var said = one is PostgresException reported ? reported.MessageText : one.Message;
            if (!words.Any(before => before.Contains(said, StringComparison.Ordinal))) words.Add(said);
            if (one is PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName })
                words.Add("Is this the right database, and has a server made its tables?");
        }

        return string.Join(" ", words);
    }
}
