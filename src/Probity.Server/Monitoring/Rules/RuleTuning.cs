using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Contracts.Problems;
using Probity.Monitoring;
using Probity.Server.Hosting.Problems;
using Probity.Server.Monitoring.Decisions;

namespace Probity.Server.Monitoring.Rules;

/// <summary>What is to be tried: one number of one rule at other values.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Pointer">Where the number stands in its document (RFC 6901).</param>
/// <param name="Values">The values, 1 to <see cref="RuleTuning.MostValues"/>; plain decimals.</param>
/// <param name="From">The first recorded decision; null for the oldest.</param>
/// <param name="To">The last one; null for the newest.</param>
/// <param name="Sample">How many to draw of those that only a value matches; null for 10, at most 50.</param>
/// <param name="Seed">Of the drawing, so that it can be drawn again; null for 1.</param>
internal sealed record TuneRule(
    string Rule, string Pointer, IReadOnlyList<string> Values, DateTimeOffset? From, DateTimeOffset? To, int? Sample,
    long? Seed);

/// <summary>What a value came to.</summary>
/// <param name="Value">The value.</param>
/// <param name="IsWritten">Whether it is the one that the rule has.</param>
/// <param name="Matches">Decisions that the rule adds to.</param>
/// <param name="Alerts">Of these, with an alert.</param>
/// <param name="AlertsADay">Of event time.</param>
/// <param name="OnlyHere">Matches that the value as written does not have: what lies between the lines.</param>
/// <param name="OnlyWritten">Matches that only the value as written has.</param>
/// <param name="Sample">Transactions drawn from those that differ, for a person to look at.</param>
internal sealed record TunedValue(
    string Value, bool IsWritten, int Matches, int Alerts, decimal AlertsADay, int OnlyHere, int OnlyWritten,
    IReadOnlyList<string> Sample);

/// <summary>
/// Above and below the line: judges what is stored with a rule at several values of one of its numbers, and draws a
/// sample of what only one of them matches. Used once; not thread safe.
/// </summary>
internal sealed class RuleTuning
{
    /// <summary>The most values of one run: each is an engine with all of the history.</summary>
    public const int MostValues = 5;

    /// <summary>The most transactions drawn for a value.</summary>
    public const int MostDrawn = 50;

    private readonly string _rule;
    private readonly List<Line> _lines;
    private readonly Dictionary<long, string> _ids = [];
    private DateTimeOffset? _first;
    private DateTimeOffset? _last;

    /// <summary>Makes a run.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="lines">Values with the engines that have them; the value as written is the first.</param>
    public RuleTuning(string rule, IEnumerable<(string Value, MonitoringEngine Engine)> lines) =>
        (_rule, _lines) = (rule, [.. lines.Select(line => new Line(line.Value, line.Engine))]);

    /// <summary>How many decisions were looked at.</summary>
    public int Transactions { get; private set; }

    /// <summary>Takes a step; one outside the time asked for is history only.</summary>
    public void Take(Step step, bool isAskedFor)
    {
        if (step is Step.Decided decided && isAskedFor)
        {
            Transactions++;
            var at = decided.Transaction.OccurredAt;
            _first = _first is null || at < _first ? at : _first;
            _last = _last is null || at > _last ? at : _last;
        }

        foreach (var line in _lines)
        {
            if (line.Take(step) is { } decision && isAskedFor && AlertsOf(decision) is { } alerts)
            {
                line.Matches.Add(decision.Number);
                line.Alerts += alerts;
                _ids[decision.Number] = $"{decision.Transaction.Source}/{decision.Transaction.Id}";
            }
        }
    }

    // A rule in shadow is looked at as if it were live.
    private int? AlertsOf(Decision decision) =>
        decision.Contributions.Any(item => item.Rule == _rule) ? (decision.Alert is null ? 0 : 1)
        : decision.Shadow is { } shadow && shadow.Contributions.Any(item => item.Rule == _rule)
            ? (shadow.Alert is null ? 0 : 1)
        : null;

    /// <summary>What it came to.</summary>
    /// <param name="sample">How many to draw for a value.</param>
    /// <param name="seed">Of the drawing.</param>
    public IReadOnlyList<TunedValue> Result(int sample, long seed)
    {
        var written = _lines[0];
        var days = _first is { } first && _last is { } last ? Math.Max(1m, (decimal)(last - first).TotalDays) : 1m;
        return [.. _lines.Select(line =>
        {
            var onlyHere = line.Matches.Except(written.Matches).ToList();
            var onlyWritten = written.Matches.Except(line.Matches).ToList();
            return new TunedValue(
                line.Value, line == written, line.Matches.Count, line.Alerts, decimal.Round(line.Alerts / days, 2),
                onlyHere.Count, onlyWritten.Count,
                [.. onlyHere.Concat(onlyWritten).OrderBy(number => Draw(seed, number), StringComparer.Ordinal)
                    .Take(sample).Select(number => _ids[number])]);
        })];
    }

    /// <summary>The rule's document with another number at a place, and the number it has.</summary>
    /// <exception cref="ProblemException">request.bad_field: no number is there, or the value is none.</exception>
    public static (byte[] Document, string Written) With(byte[] document, string pointer, string value)
    {
        var root = JsonNode.Parse(document)!; // A stored rule is an object.
        if (At(root, pointer) is not { } place || place.Node is not JsonValue number || Text(number) is not { } written)
        {
            throw Bad("/pointer", "There is no number at this place of the rule.");
        }

        if (!decimal.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var exact))
        {
            throw Bad("/values", "A value is a plain decimal such as 9000 or 0.85.");
        }

        JsonNode next = number.GetValueKind() == JsonValueKind.String
            ? JsonValue.Create(value) : JsonValue.Create(exact);
        if (place.Owner is JsonArray array)
        {
            array[int.Parse(place.Name, CultureInfo.InvariantCulture)] = next;
        }
        else
        {
            place.Owner[place.Name] = next;
        }

        return (JsonSerializer.SerializeToUtf8Bytes(root), written);
    }

    /// <summary>The places of a rule's conditions that hold a number, with what it is.</summary>
    public static IReadOnlyList<(string Pointer, string Value)> Numbers(JsonNode document)
    {
        var found = new List<(string, string)>();
        Collect(document["conditions"], "/conditions", found);
        return found;
    }

    private static void Collect(JsonNode? node, string pointer, List<(string, string)> found)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (name, value) in members)
                {
                    Collect(value, $"{pointer}/{name.Replace("~", "~0", StringComparison.Ordinal)
                        .Replace("/", "~1", StringComparison.Ordinal)}", found);
                }

                break;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    Collect(items[i], FormattableString.Invariant($"{pointer}/{i}"), found);
                }

                break;
            case JsonValue value when Text(value) is { } text:
                found.Add((pointer, text));
                break;
            default:
                break;
        }
    }

    // Drawn by a digest, so that anybody can draw it again.
    private static string Draw(long seed, long number) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed}/{number}"))));

    private static (JsonNode Owner, string Name, JsonNode? Node)? At(JsonNode root, string pointer)
    {
        JsonNode? node = root;
        (JsonNode, string, JsonNode?)? at = null;
        foreach (var step in pointer.Split('/').Skip(1))
        {
            var name = step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            var owner = node;
            node = owner switch
            {
                JsonObject members => members[name],
                JsonArray items when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var i)
                    && i < items.Count => items[i],
                _ => null,
            };
            if (node is null)
            {
                return null;
            }

            at = (owner!, name, node);
        }

        return at;
    }

    private static string? Text(JsonValue value) => value.GetValueKind() switch
    {
        JsonValueKind.Number => value.ToJsonString(),
        JsonValueKind.String when decimal.TryParse(
            value.GetValue<string>(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _) =>
            value.GetValue<string>(),
        _ => null,
    };

    private static ProblemException Bad(string pointer, string text) => new(ErrorCodes.RequestBadField)
    {
        Faults = [new(pointer, ErrorCodes.RequestBadField.Code, text)],
    };

    /// <summary>One value and what it has seen.</summary>
    private sealed class Line(string value, MonitoringEngine engine)
    {
        public string Value => value;

        public HashSet<long> Matches { get; } = [];

        public int Alerts { get; set; }

        public Decision? Take(Step step)
        {
            Decision? decision = null;
            switch (step)
            {
                case Step.Decided decided:
                    decision = (engine.Submit(decided.Transaction, decided.Facts) as JudgeResult.Decided)?.Decision;
                    break;
                case Step.Reversed reversed:
                    engine.Reverse(reversed.Key);
                    break;
                default:
                    engine.TakeNumber();
                    break;
            }

            engine.Commit();
            return decision;
        }
    }
}
