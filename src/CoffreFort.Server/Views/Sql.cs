using System.Globalization;
using Npgsql;

namespace CoffreFort.Server.Views;

/// <summary>Turns an interpolated string into a statement with parameters: <c>{0}</c> becomes <c>$1</c>.</summary>
internal static class Sql
{
    /// <param name="statement">The statement, or a part of one.</param>
    /// <param name="after">How many parameters the parts before it have.</param>
    public static string Text(FormattableString statement, int after = 0)
    {
        var names = Enumerable.Range(after + 1, statement.ArgumentCount).Select(n => (object)string.Create(CultureInfo.InvariantCulture, $"${n}")).ToArray();
        return string.Format(CultureInfo.InvariantCulture, statement.Format, names);
    }

    public static NpgsqlParameter Parameter(object? value) => new()
    {
        Value = value switch
        {
            null => DBNull.Value,
            DateTimeOffset instant => instant.UtcDateTime,
            Personal personal => personal.ToToken(),
            _ => value,
        },
    };
}
