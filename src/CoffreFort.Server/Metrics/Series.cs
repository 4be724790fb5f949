using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace CoffreFort.Server.Metrics;

/// <summary>One instrument with one set of labels: a sum, a last value, or a histogram. Safe for concurrent use.</summary>
internal sealed class Series
{
    private readonly Lock _gate = new();
    private readonly double[]? _bounds;
    private readonly long[] _buckets = [];
    private double _sum;
    private long _count;

    public Series(Instrument instrument, IReadOnlyList<double> usual)
    {
        var kind = instrument.GetType().Name;
        IsGauge = kind.StartsWith("Observable", StringComparison.Ordinal) && kind.Contains("Gauge", StringComparison.Ordinal);
        Kind = kind.StartsWith("Histogram", StringComparison.Ordinal) ? "histogram" : kind.StartsWith("Counter", StringComparison.Ordinal) ? "counter" : "gauge";
        if (Kind != "histogram") return;
        _bounds = [.. (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries
            ?? (instrument as Histogram<long>)?.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound) ?? usual];
        _buckets = new long[_bounds.Length];
    }

    public string Kind { get; }

    /// <summary>Measured anew at each scrape, and gone when nobody measures it any more.</summary>
    public bool IsGauge { get; }

    public void Add(double value)
    {
        lock (_gate)
        {
            _sum = IsGauge ? value : _sum + value;
            _count++;
            for (var i = 0; i < _buckets.Length; i++)
                if (value <= _bounds![i]) _buckets[i]++;
        }
    }

    public void Write(StringBuilder text, string name, string labels)
    {
        lock (_gate)
        {
            if (_bounds is null)
            {
                Line(text, name, labels, _sum);
                return;
            }

            var and = labels.Length == 0 ? "" : labels + ",";
            for (var i = 0; i < _bounds.Length; i++) Line(text, name + "_bucket", $"{and}le=\"{Number(_bounds[i])}\"", _buckets[i]);
            Line(text, name + "_bucket", and + "le=\"+Inf\"", _count);
            Line(text, name + "_sum", labels, _sum);
            Line(text, name + "_count", labels, _count);
        }
    }

    private static void Line(StringBuilder text, string name, string labels, double value) =>
        text.Append(name).Append(labels.Length == 0 ? "" : $"{{{labels}}}").Append(' ').Append(Number(value)).Append('\n');

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}
