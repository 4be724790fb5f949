using System.Text.Json.Serialization;

namespace CoffreFort.Server.Catalogue;

/// <summary>What a line of the catalogue rests on: a text, where it stands, when it was read and how sure we are.</summary>
/// <param name="Text">The rule, in French.</param>
/// <param name="Source">A sheet ("service-public.fr F1864"), a decree, a circular, a web site.</param>
/// <param name="ReadOn">The day or month it was read ("2020-10"); null when it was not read.</param>
/// <param name="Standing">Whether it was read, remembered or inferred. Only a rule that was read may carry a date.</param>
/// <param name="TextEn">The same in English, for those that are shown to people.</param>
public sealed record Rule(string Text, string Source, string? ReadOn, RuleStanding Standing, string? TextEn = null);

[JsonConverter(typeof(JsonStringEnumConverter<RuleStanding>))]
public enum RuleStanding
{
    [JsonStringEnumMemberName("read")] Read,
    [JsonStringEnumMemberName("from-memory")] FromMemory,
    [JsonStringEnumMemberName("inferred")] Inferred,
}
