using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Probity.Ledger.Json;
using Probity.Screening.Explaining;
using Probity.Screening.Matching;
using Probity.Screening.Model;

namespace Probity.Server.Screening.Matching;

/// <summary>
/// Answers one question with one engine as canonical JSON. The bytes depend on engine, lists and question alone, so
/// that whoever has the three gets them again: this is what replay compares.
/// </summary>
internal static class AnswerWriter
{
    /// <summary>Rejected candidates that are shown: evidence that somebody was looked for, and how near.</summary>
    private const int MaxRejected = 3;

    /// <summary>How far below the threshold a candidate may be to be shown among the rejected.</summary>
    private const int RejectedReach = 2_500;

    private static readonly JsonWriterOptions s_options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Answers.</summary>
    public static byte[] Answer(EngineSnapshot snapshot, Question question)
    {
        var found = Search(snapshot.Engine, question);
        var matches = found.TakeWhile(hit => hit.Match.Score >= question.Threshold).ToList();
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_options))
        {
            json.WriteStartObject();
            WriteEngine(json, snapshot);
            json.WriteString("status", matches.Count > 0 ? "match" : "clear");
            json.WriteNumber("total", matches.Count);
            WriteHits(json, "results", snapshot.Engine, matches.Take(question.Limit));
            WriteHits(json, "rejected", snapshot.Engine, found.Skip(matches.Count).Take(MaxRejected));
            json.WriteEndObject();
        }

        return CanonicalJson.Canonicalize(buffer.WrittenSpan);
    }

    /// <summary>What reaches the threshold, best first; all of it, also what the answer only counts.</summary>
    public static IReadOnlyList<ScreeningMatch> Matches(ScreeningEngine engine, Question question) =>
        [.. Search(engine, question).Select(hit => hit.Match).TakeWhile(match => match.Score >= question.Threshold)];

    /// <summary>PascalCase as snake_case.</summary>
    public static string Snake(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        foreach (var letter in name)
        {
            if (char.IsAsciiLetterUpper(letter) && text.Length > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }

    private static List<Hit> Search(ScreeningEngine engine, Question question)
    {
        var best = new Dictionary<(ListId, string), Hit>();
        foreach (var query in question.Queries)
        {
            foreach (var match in engine.Search(query, Math.Max(0, question.Threshold - RejectedReach)))
            {
                var key = (match.Entity.List, match.Entity.Uid);
                if (!best.TryGetValue(key, out var other) || ScreeningMatch.BestFirst.Compare(match, other.Match) < 0)
                {
                    best[key] = new Hit(query, match);
                }
            }
        }

        return [.. best.Values.OrderBy(hit => hit.Match, ScreeningMatch.BestFirst)];
    }

    private static void WriteEngine(Utf8JsonWriter json, EngineSnapshot snapshot)
    {
        json.WriteStartObject("engine");
        json.WriteNumber("version", EngineConfiguration.EngineVersion);
        json.WriteString("configuration", snapshot.Configuration);
        json.WriteEndObject();
        json.WriteStartArray("lists");
        foreach (var list in snapshot.Lists)
        {
            var version = list.Read.List.Version;
            json.WriteStartObject();
            json.WriteString("list", version.List.Value);
            json.WriteString("version", list.VersionId);
            json.WriteString("sha256", version.Sha256);
            json.WriteNumber("entries", version.Count);
            if (version.PublishedOn is { } day)
            {
                json.WriteString("published_on", day.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteHits(Utf8JsonWriter json, string name, ScreeningEngine engine, IEnumerable<Hit> hits)
    {
        json.WriteStartArray(name);
        foreach (var (query, match) in hits)
        {
            WriteHit(json, query, match, engine.Explain(query, match));
        }

        json.WriteEndArray();
    }

    /// <summary>
    /// What OFAC's own page would show for the entry, 0 to 100: its best name, weak aliases too. Only for entries of
    /// OFAC's lists, because an examiner compares with that page; nothing is decided by it.
    /// </summary>
    private static int? OfacScoreOf(ScreeningQuery query, ListedEntity entity) =>
        query.Name.Length == 0 || !(entity.List == ListId.OfacSdn || entity.List == ListId.OfacConsolidated)
            ? null : entity.Names.Select(name => OfacScore.Of(query.Name, name.Full)).DefaultIfEmpty(0).Max();

    private static void WriteHit(
        Utf8JsonWriter json, ScreeningQuery query, ScreeningMatch match, MatchExplanation explanation)
    {
        json.WriteStartObject();
        json.WriteString("id", match.Entity.Uid);
        json.WriteString("list", match.Entity.List.Value);
        json.WriteString("caption", match.Entity.DisplayName);
        json.WriteString("schema", SchemaOf(match.Entity.Kind));
        json.WriteNumber("score", match.Score / 10_000m);
        json.WriteNumber("name_score", match.NameScore / 10_000m);
        if (OfacScoreOf(query, match.Entity) is { } ofac)
        {
            json.WriteNumber("ofac_score", ofac);
        }

        if (match.Name is { } name)
        {
            json.WriteString("matched_name", name.Full);
            json.WriteString("name_kind", Snake(name.Kind.ToString()));
        }

        WriteTexts(json, "programmes", match.Entity.Programmes);
        WriteParts(json, explanation.Parts);
        WriteEvidence(json, match.Evidence);
        json.WriteString("explanation", explanation.ToString());
        json.WriteEndObject();
    }

    private static void WriteParts(Utf8JsonWriter json, ImmutableArray<ExplainedPart> parts)
    {
        json.WriteStartArray("parts");
        foreach (var part in parts)
        {
            json.WriteStartObject();
            json.WriteString("match", Snake(part.Match.ToString()));
            json.WriteString("ours", part.Ours);
            json.WriteString("theirs", part.Theirs);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteEvidence(Utf8JsonWriter json, ImmutableArray<Evidence> evidence)
    {
        json.WriteStartArray("evidence");
        foreach (var field in evidence)
        {
            json.WriteStartObject();
            json.WriteString("field", Snake(field.Field.ToString()));
            json.WriteString("says", Snake(field.Agreement.ToString()));
            json.WriteString("ours", field.Ours);
            json.WriteString("theirs", field.Theirs);
            json.WriteNumber("points", field.Points / 10_000m);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, ImmutableArray<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static string SchemaOf(EntityKind kind) => kind switch
    {
        EntityKind.Person => "Person",
        EntityKind.Organisation => "Organization",
        EntityKind.Vessel => "Vessel",
        EntityKind.Aircraft => "Airplane",
        EntityKind.Wallet => "CryptoWallet",
        EntityKind.Address => "Address",
        EntityKind.Unknown => "LegalEntity",
        _ => throw new InvalidOperationException("No such kind."),
    };

    private readonly record struct Hit(ScreeningQuery Query, ScreeningMatch Match);
}
