using System.Text.Json;
using Probity.Screening.Effectiveness;

namespace Probity.Server.Screening.Effectiveness;

/// <summary>A part of a test as it is stored and shown.</summary>
/// <param name="Set">exact, mutation, other_script or placebo.</param>
/// <param name="Population">person, organisation, or for exact names the list.</param>
/// <param name="Kind">The kind of alteration, the script, or the kind of entity.</param>
/// <param name="Cases">How many names.</param>
/// <param name="Counts">How many reached 0.50, 0.52 … 1.00.</param>
/// <param name="Failures">The first names that failed at the threshold; listed names and invented ones.</param>
internal sealed record TestPart(
    string Set, string Population, string Kind, int Cases, IReadOnlyList<int> Counts, IReadOnlyList<string> Failures)
{
    public static TestPart Of(EffectivenessPart part) => new(
        Name(part.Task.Set), part.Task.Population, part.Task.Kind, part.Cases, part.Counts, part.Failures);

    public static string Name(EffectivenessSet set) => set switch
    {
        EffectivenessSet.Exact => "exact",
        EffectivenessSet.Mutation => "mutation",
        EffectivenessSet.OtherScript => "other_script",
        EffectivenessSet.Placebo => "placebo",
        _ => throw new InvalidOperationException("No such set."),
    };
}

/// <summary>Cases of one set, and how many of them alerted.</summary>
/// <param name="Set">As in <see cref="TestPart"/>.</param>
/// <param name="Cases">How many names.</param>
/// <param name="Alerts">How many alerted at the threshold.</param>
/// <param name="Share">The same as a share, 0 to 1; null without cases.</param>
internal sealed record TestSum(string Set, int Cases, int Alerts, decimal? Share);

/// <summary>Adds parts up.</summary>
internal static class TestFigures
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Effectiveness: what of it should have alerted did; and for placebos how many did although they should
    /// not.</summary>
    public static IReadOnlyList<TestSum> Sums(IReadOnlyList<TestPart> parts, int threshold) =>
    [
        .. Enum.GetValues<EffectivenessSet>().Select(TestPart.Name).Select(set =>
        {
            var own = parts.Where(part => part.Set == set).ToList();
            var (cases, alerts) = (own.Sum(part => part.Cases), own.Sum(part => AlertsAt(part, threshold)));
            return new TestSum(set, cases, alerts, cases == 0 ? null : decimal.Round((decimal)alerts / cases, 5));
        }),
    ];

    /// <summary>How many names of a part reached a threshold.</summary>
    public static int AlertsAt(TestPart part, int threshold)
    {
        var at = EffectivenessPart.Thresholds.Count(step => step <= threshold) - 1;
        return at < 0 ? part.Cases : part.Counts[at];
    }

    public static IReadOnlyList<TestPart> Read(string json) =>
        JsonSerializer.Deserialize<List<TestPart>>(json, Json) ?? [];
}
