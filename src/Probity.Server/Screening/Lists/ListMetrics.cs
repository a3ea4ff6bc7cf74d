using System.Diagnostics.Metrics;
using Probity.Screening.Model;

namespace Probity.Server.Screening.Lists;

/// <summary>Figures of lists. Labels are names of lists and codes of refusals, so they are bounded.</summary>
internal sealed class ListMetrics
{
    public const string MeterName = "Probity.Screening.Lists";

    private readonly Counter<long> _loaded;
    private readonly Counter<long> _refused;
    private volatile IReadOnlyList<(string List, DateTimeOffset? CheckedAt)> _checked = [];

    public ListMetrics(IMeterFactory meters, TimeProvider time, ActiveLists active)
    {
        var meter = meters.Create(MeterName);
        _loaded = meter.CreateCounter<long>("probity_screening_lists_loaded", description: "Versions of lists stored");
        _refused = meter.CreateCounter<long>(
            "probity_screening_lists_refused", description: "Lists refused by a reader or the guard");
        meter.CreateObservableGauge("probity_screening_list_entries",
            () => active.Current.Select(
                list => new Measurement<long>(list.Value.Read.List.Version.Count, Label(list.Key.Value))),
            description: "Entries of the live version");
        meter.CreateObservableGauge("probity_screening_list_age_seconds",
            () => _checked.Where(item => item.CheckedAt is not null)
                .Select(item =>
                    new Measurement<double>(
                        (time.GetUtcNow() - item.CheckedAt.GetValueOrDefault()).TotalSeconds, Label(item.List))),
            description: "Seconds since the list was last looked for with success");
    }

    public void Loaded(ListId list) => _loaded.Add(1, Label(list.Value));

    public void Refused(string code) => _refused.Add(1, new KeyValuePair<string, object?>("code", code));

    /// <summary>Takes over when each list was looked for.</summary>
    public void Observe(IReadOnlyList<(string List, DateTimeOffset? CheckedAt)> checks) => _checked = checks;

    private static KeyValuePair<string, object?> Label(string list) => new("list", list);
}
