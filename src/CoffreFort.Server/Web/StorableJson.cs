using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CoffreFort.Server.Web;

/// <summary>
/// What no request's JSON may hold, wherever it stands: a NUL in a text, which PostgreSQL can't store, and a null in a list, which no feature expects.
/// Looked at once an object is read, so that its types, and what the API says of them, stay as they are.
/// </summary>
internal static class StorableJson
{
    /// <summary>For <see cref="JsonException"/>'s data: the member that is at fault, which the exception's own path does not name.</summary>
    public const string Member = "member";

    public static void Require(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object) return;
        var members = type.Properties.Where(member => member.Get is not null && typeof(IEnumerable).IsAssignableFrom(member.PropertyType)).ToList();
        if (members.Count == 0) return;
        type.OnDeserialized += read =>
        {
            foreach (var member in members)
            {
                if (!IsFit(member.Get!(read)))
                    throw new JsonException("A text has a NUL character, or a list has a null.") { Data = { [Member] = member.Name } };
            }
        };
    }

    private static bool IsFit(object? value) => value switch
    {
        string text => !text.Contains('\0', StringComparison.Ordinal),
        IEnumerable list => list.Cast<object?>().All(item => item is not null && (item is not string || IsFit(item))),
        _ => true,
    };
}
