using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Monitoring.Pack;

namespace Probity.Monitoring.Rating;

/// <summary>The scorecard that ships with the product, with the lists of the reference data. Thread safe.</summary>
public static class ScorecardPack
{
    private static readonly string[] s_lists = ["fatf_call_for_action", "fatf_increased_monitoring", "eu_members"];

    private static readonly Lazy<byte[]> s_document = new(Make);

    private static readonly Lazy<Scorecard> s_scorecard = new(() => ScorecardReader.Read(s_document.Value) switch
    {
        ScorecardResult.Sound sound => sound.Scorecard,
        ScorecardResult.Refused refused => throw new InvalidOperationException(
            string.Join(Environment.NewLine, refused.Faults)),
        _ => throw new InvalidOperationException("There is no other result."),
    });

    /// <summary>The document: a proposal to draft from, with its sources.</summary>
    public static ReadOnlyMemory<byte> Document() => s_document.Value;

    /// <summary>The same, read.</summary>
    public static Scorecard Scorecard() => s_scorecard.Value;

    // The lists stand in one place, the shipped reference data; a scorecard carries its own so that it stays one thing.
    private static byte[] Make()
    {
        using var stream = typeof(ScorecardPack).Assembly.GetManifestResourceStream("scorecard.json")
            ?? throw new InvalidOperationException("The resource scorecard.json is missing from the build.");
        var scorecard = JsonNode.Parse(stream)!.AsObject(); // A test reads it.
        var members = JsonNode.Parse(RulePack.BookDocument().Span)!["members"]!.AsArray();
        scorecard["lists"] = new JsonArray(
        [
            .. members.Where(member => s_lists.Contains(member!["list"]!.GetValue<string>(), StringComparer.Ordinal))
                .Select(member => member!.DeepClone()),
        ]);
        return JsonSerializer.SerializeToUtf8Bytes(scorecard);
    }
}
