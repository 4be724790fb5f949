using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary>One bit of one value of one row, flipped through SQL by the owner, and flipped back.</summary>
/// <param name="Table">With its schema.</param>
/// <param name="Column">The column.</param>
/// <param name="Type">Its type, as PostgreSQL formats it.</param>
/// <param name="Keys">The columns that name a row.</param>
internal sealed record BitFlip(string Table, string Column, string Type, IReadOnlyList<string> Keys)
{
    private string _row = "";
    private string _value = "";

    public string Bare => Table[(Table.IndexOf('.', StringComparison.Ordinal) + 1)..];

    /// <summary>How the row was named before, and is named now.</summary>
    public List<string[]> Names { get; } = [];

    public string Done { get; private set; } = "";

    /// <returns>False when there is nothing to flip, or PostgreSQL refuses the flipped value.</returns>
    public async Task<bool> TryAsync(NpgsqlConnection owner, Random random)
    {
        Names.Clear();
        var rows = Convert.ToInt64(await ScalarAsync(owner, $"select count(*) from {Table} where {Column} is not null"), CultureInfo.InvariantCulture);
        if (rows == 0) return false;
        var chosen = random.NextInt64(rows);
        await using (var command = new NpgsqlCommand($"select ctid::text, {Column}::text, {NameSql} from {Table} where {Column} is not null order by {NameSql} offset {chosen} limit 1", owner))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            await reader.ReadAsync();
            (_row, _value) = (reader.GetString(0), reader.GetString(1));
            Names.Add(reader.GetFieldValue<string[]>(2));
        }

        var bits = await BitsAsync(owner);
        if (bits == 0) return false;
        var bit = random.Next(bits);
        Done = $"{Table}.{Column}, bit {bit} of {bits}, row {string.Join(',', Names[0])}";
        return await SetAsync(owner, bit);
    }

    public async Task BackAsync(NpgsqlConnection owner)
    {
        await using var command = new NpgsqlCommand($"update {Table} set {Column} = $1::text::{Type} where ctid = '{_row}'::tid", owner) { Parameters = { new() { Value = _value } } };
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    /// <summary>Whether a finding names this row, under its old or its new key.</summary>
    public bool IsNamedBy(string thing) => thing == Bare
        ? Keys.Count == 0
        : thing.StartsWith(Bare + " ", StringComparison.Ordinal)
            && Names.Any(name => Keys.Zip(name).All(key => $" {thing[(Bare.Length + 1)..]},".Replace(',', ' ').Contains($" {key.First}={key.Second} ", StringComparison.Ordinal)));

    private string NameSql => Keys.Count == 0 ? "array[]::text[]" : $"array[{string.Join(", ", Keys.Select(key => $"{key}::text"))}]";

    private async Task<int> BitsAsync(NpgsqlConnection owner) => Type switch
    {
        "boolean" => 1,
        "smallint" => 16,
        "integer" or "date" => 32,
        "bigint" or "timestamp with time zone" => 64,
        "uuid" => 128,
        "bytea" => 8 * Convert.ToInt32(await ScalarAsync(owner, $"select length({Column}) from {Table} where ctid = '{_row}'::tid"), CultureInfo.InvariantCulture),
        _ => 8 * Convert.ToInt32(await ScalarAsync(owner, $"select octet_length({Column}::text) from {Table} where ctid = '{_row}'::tid"), CultureInfo.InvariantCulture),
    };

    private async Task<bool> SetAsync(NpgsqlConnection owner, int bit)
    {
        NpgsqlParameter? value = null;
        if (Type == "timestamp with time zone")
        {
            var stored = await RawAsync<long>(owner);
            value = new NpgsqlParameter<long> { TypedValue = stored ^ (1L << bit), NpgsqlDbType = NpgsqlDbType.TimestampTz };
        }
        else if (Type == "date")
        {
            value = new NpgsqlParameter<int> { TypedValue = await RawAsync<int>(owner) ^ (1 << bit), NpgsqlDbType = NpgsqlDbType.Date };
        }

        try
        {
            await using var command = new NpgsqlCommand($"update {Table} set {Column} = {(value is null ? Flipped(bit) : "$1")} where ctid = '{_row}'::tid returning ctid::text, {NameSql}", owner);
            if (value is not null) command.Parameters.Add(value);
            await using var reader = await command.ExecuteReaderAsync();
            Assert.True(await reader.ReadAsync());
            _row = reader.GetString(0);
            Names.Add(reader.GetFieldValue<string[]>(1));
            return true;
        }
        catch (PostgresException refused) when (refused.SqlState[..2] is "22" or "23" or "42")
        {
            return false;
        }
    }

    private string Flipped(int bit) => Type switch
    {
        "boolean" => $"not {Column}",
        "smallint" => $"({Column}::integer # {(bit == 15 ? -32768 : 1 << bit)})::smallint",
        "integer" => $"{Column} # {(bit == 31 ? "(-2147483647 - 1)" : (1 << bit).ToString(CultureInfo.InvariantCulture))}",
        "bigint" => $"{Column} # (1::bigint << {bit})",
        "uuid" => $"encode({Set("uuid_send(" + Column + ")", bit)}, 'hex')::uuid",
        "bytea" => Set(Column, bit),
        _ => $"convert_from({Set($"convert_to({Column}::text, 'UTF8')", bit)}, 'UTF8')::{Type}",
    };

    private static string Set(string bytes, int bit) => $"set_bit({bytes}, {bit}::bigint, 1 - get_bit({bytes}, {bit}::bigint))";

    private async Task<T> RawAsync<T>(NpgsqlConnection owner)
    {
        await using var command = new NpgsqlCommand($"select {Column} from {Table} where ctid = '{_row}'::tid", owner);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return reader.GetFieldValue<T>(0);
    }

    private static async Task<object> ScalarAsync(NpgsqlConnection owner, string sql)
    {
        await using var command = new NpgsqlCommand(sql, owner);
        return (await command.ExecuteScalarAsync())!;
    }
}
