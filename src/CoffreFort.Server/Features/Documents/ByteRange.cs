using Microsoft.Net.Http.Headers;

namespace CoffreFort.Server.Features.Documents;

/// <summary>Which bytes of a content a request asks for (RFC 9110 §14): one range, or all of it.</summary>
public readonly record struct ByteRange(long Offset, long Length, bool IsPartial)
{
    /// <returns>Null when the range can't be satisfied: 416.</returns>
    public static ByteRange? Of(HttpRequest request, long size, EntityTagHeaderValue tag)
    {
        var whole = new ByteRange(0, size, false);
        var asked = request.GetTypedHeaders();
        // A range of something that has changed since is answered with the whole; so is what isn't one range in bytes.
        if (asked.IfRange is { } condition && !(condition.EntityTag is { } seen && seen.Compare(tag, useStrongComparison: true))) return whole;
        if (asked.Range is not { Ranges.Count: 1 } range || range.Unit != "bytes") return whole;
        var only = range.Ranges.Single();
        if (only.From is { } from)
            return from >= size ? null : new ByteRange(from, Math.Min(only.To ?? long.MaxValue - 1, size - 1) - from + 1, true);
        var suffix = Math.Min(only.To ?? 0, size);
        return suffix == 0 ? null : new ByteRange(size - suffix, suffix, true);
    }
}
