using System.Text.Json;

namespace CoffreFort.EventStore;

/// <summary>Who acted, for whom, through which channel and under which correlation: stored with each event of an append.</summary>
/// <remarks>Immutable. <see cref="Headers"/> are what is hashed; the three columns only repeat what stands there.</remarks>
public sealed class EventMetadata
{
    /// <summary>No headers at all.</summary>
    public static readonly EventMetadata None = new(new Dictionary<string, string>());

    /// <summary>With the given headers, written in the order of their enumeration.</summary>
    /// <exception cref="ArgumentException">A name or a value has a NUL character or half a surrogate pair, which PostgreSQL can't store.</exception>
    public EventMetadata(IReadOnlyDictionary<string, string> headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        foreach (var (name, value) in headers)
        {
            StorableText.Require(name, nameof(headers));
            StorableText.Require(value, nameof(headers));
        }

        Headers = headers;
        (CorrelationId, CausationId, UserName) = (headers.GetValueOrDefault("correlation"), headers.GetValueOrDefault("causation"), headers.GetValueOrDefault("actor"));
        HeadersJson = headers.Count == 0 ? null : JsonSerializer.SerializeToUtf8Bytes(headers);
    }

    /// <summary>Header names and values; opaque ids only, never personal data in the clear.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>Repeats the header <c>correlation</c> in Marten's column.</summary>
    public string? CorrelationId { get; }

    /// <summary>Repeats the header <c>causation</c> in Marten's column.</summary>
    public string? CausationId { get; }

    /// <summary>Repeats the header <c>actor</c> in Marten's column.</summary>
    public string? UserName { get; }

    internal byte[]? HeadersJson { get; }
}
