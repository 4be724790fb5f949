using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace CoffreFort.Server.Metrics;

/// <summary>Adds up what the meters of this process measure, and writes it in Prometheus' text format 0.0.4. Safe for concurrent use.</summary>
public sealed class PrometheusText : IDisposable
{
    private static readonly double[] usual = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    /// <summary>No other tag becomes a label: none of these can hold anything personal, and none has many values.</summary>
    private static readonly HashSet<string> labels = ["outcome", "subscription", "http.route", "http.request.method", "http.response.status_code"];

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(Instrument Instrument, string Labels), Series> _series = new();
    private readonly Lock _writing = new();

    public PrometheusText()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("CoffreFort.", StringComparison.Ordinal) || instrument.Name is "http.server.request.duration" or "http.server.active_requests")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Of(instrument, tags).Add(value));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Of(instrument, tags).Add(value));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Of(instrument, tags).Add(value));
        _listener.Start();
    }

    public string Write()
    {
        var text = new StringBuilder();
        lock (_writing)
        {
            foreach (var gone in _series.Where(one => one.Value.IsGauge)) _series.TryRemove(gone.Key, out _);
            _listener.RecordObservableInstruments();
        }

        foreach (var instrument in _series.GroupBy(one => Name(one.Key.Instrument)).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var first = instrument.First().Key.Instrument;
            if (first.Description is { Length: > 0 } help) text.Append(CultureInfo.InvariantCulture, $"# HELP {instrument.Key} {help}\n");
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {instrument.Key} {instrument.First().Value.Kind}\n");
            foreach (var one in instrument.OrderBy(one => one.Key.Labels, StringComparer.Ordinal)) one.Value.Write(text, instrument.Key, one.Key.Labels);
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private static string Name(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_');
        if (instrument.Unit == "s" && !name.EndsWith("_seconds", StringComparison.Ordinal)) name += "_seconds";
        return instrument.GetType().Name.StartsWith("Counter", StringComparison.Ordinal) ? name + "_total" : name;
    }

    private Series Of(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var pairs = new List<string>();
        foreach (var (key, value) in tags)
        {
            if (!labels.Contains(key)) continue;
            var text = Convert.ToString(value, CultureInfo.InvariantCulture)!.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            pairs.Add($"{key.Replace('.', '_')}=\"{text}\"");
        }

        return _series.GetOrAdd((instrument, string.Join(',', pairs)), static of => new Series(of.Instrument, usual));
    }
}
