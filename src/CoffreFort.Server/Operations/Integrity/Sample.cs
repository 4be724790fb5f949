using System.Globalization;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>How much of each area is looked at: a number of things, or a share of them.</summary>
public sealed record Sample(long? Count, double? Percent)
{
    public static Sample? Parse(string text) =>
        text.EndsWith('%')
            ? double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent is > 0 and <= 100
                ? new Sample(null, percent)
                : null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 ? new Sample(count, null) : null;

    /// <summary>Of so many things, how many.</summary>
    public long Of(long total) => Math.Min(total, Count ?? (long)Math.Ceiling(total * Percent!.Value / 100));

    /// <summary>One place in each of so many equal stretches of 1 to <paramref name="total"/>, ascending.</summary>
    public IEnumerable<long> Places(long total)
    {
        var count = Of(total);
        for (var i = 0L; i < count; i++)
        {
            long from = (long)((Int128)total * i / count), until = (long)((Int128)total * (i + 1) / count);
            yield return Random.Shared.NextInt64(from, until) + 1;
        }
    }

    /// <summary>Whether this one of so many is looked at.</summary>
    public bool Takes(long total) => Random.Shared.NextInt64(Math.Max(1, total)) < Of(total);
}
