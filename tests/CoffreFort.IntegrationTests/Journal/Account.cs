using System.Text.Json;
using System.Text.Json.Serialization;
using CoffreFort.EventStore;

namespace CoffreFort.IntegrationTests.Journal;

/// <summary>A stream for tests that has nothing to do with vaults: the journal must not care.</summary>
public sealed record Account(long Balance, int Events) : IAggregate<Account>
{
    public static readonly EventTypes Types = new EventTypes().Add<Deposited>("test_deposited").Add<Garbled>("test_garbled");

    public static string StreamType => "account";

    public static Account Empty { get; } = new(0, 0);

    public static Account Evolve(Account state, IEvent @event) =>
        @event is Deposited deposited ? new Account(state.Balance + deposited.Amount, state.Events + 1) : state with { Events = state.Events + 1 };
}

/// <summary>Another kind of stream.</summary>
public sealed record Permit(int Events) : IAggregate<Permit>
{
    public static string StreamType => "permit";

    public static Permit Empty { get; } = new(0);

    public static Permit Evolve(Permit state, IEvent @event) => new(state.Events + 1);
}

public sealed record Deposited(long Amount, string Note = "") : IEvent;

/// <summary>Writes itself as whatever bytes it has, as a broken converter would.</summary>
[JsonConverter(typeof(GarbledConverter))]
public sealed record Garbled(byte[] Bytes) : IEvent;

public sealed class GarbledConverter : JsonConverter<Garbled>
{
    public override Garbled Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, Garbled value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Bytes, skipInputValidation: true);
}
