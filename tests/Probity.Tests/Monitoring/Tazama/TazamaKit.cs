using System.Globalization;
using System.Text.Json.Nodes;
using Probity.Monitoring;
using Probity.Monitoring.Rules;

namespace Probity.Tests.Monitoring.Tazama;

/// <summary>The configurations of Tazama 4.0 as rules, and short texts for what happens to them.</summary>
internal static class TazamaKit
{
    private const string Prefix = "tazama.";

    /// <summary>The numbers of the 33 rules.</summary>
    public static IReadOnlyList<string> Numbers { get; } =
        [.. Names().Where(name => char.IsAsciiDigit(name[0])).Order(StringComparer.Ordinal)];

    public static JsonObject Configuration(string number)
    {
        using var stream = typeof(TazamaKit).Assembly.GetManifestResourceStream(Prefix + number + ".json")
            ?? throw new InvalidOperationException($"The rule {number} is missing from the build.");
        return JsonNode.Parse(stream)!.AsObject();
    }

    /// <summary>All rules and the typology as they are.</summary>
    public static RuleSet AsShipped() =>
        MonitoringKit.Compile([.. Names().Select(name => Configuration(name).ToJsonString())]);

    /// <summary>
    /// Rules with a trifle in place of each weight of 0, so that a decision tells every outcome and not only those that
    /// weigh something.
    /// </summary>
    public static RuleSet Telling(params IReadOnlyList<string> numbers) =>
        MonitoringKit.Compile([.. numbers.Select(number => Told(Configuration(number)).ToJsonString())]);

    /// <summary>The outcome of each rule in a decision, by number.</summary>
    public static Dictionary<string, string?> OutcomesOf(Decision decision) => decision.Contributions
        .Where(part => part.Digest is not null).ToDictionary(part => part.Rule[7..10], part => part.Ref);

    /// <summary>
    /// The transactions of a text such as <c>3* -2h a&gt;b 10 f; 0 a&gt;b 10</c>: how often, when, from whom to whom,
    /// how much; then f for failed, n= a text, p= a purpose, at= a place, born= a birthday, by= and for= the owners of
    /// the accounts.
    /// </summary>
    public static IEnumerable<(Transaction Transaction, PartyFacts Facts)> Events(string text)
    {
        var number = 0;
        foreach (var item in text.Split(';', StringSplitOptions.TrimEntries))
        {
            var words = item.Split(' ').ToList();
            var repeats = words[0].EndsWith('*') ? int.Parse(words[0][..^1], CultureInfo.InvariantCulture) : 1;
            words = words[0].EndsWith('*') ? words[1..] : words;
            for (var i = 0; i < repeats; i++)
            {
                yield return Event(++number, words);
            }
        }
    }

    private static (Transaction Transaction, PartyFacts Facts) Event(int number, List<string> words)
    {
        string? Flag(string name) =>
            words.Find(word => word.StartsWith(name + "=", StringComparison.Ordinal)) is { } word
                ? word[(name.Length + 1)..].Replace('_', ' ')
                : null;
        var parties = words[1].Split('>');
        var transaction = MonitoringKit.Transfer(
            number, MonitoringKit.Monday.AddSeconds(Seconds(words[0])), words[2], parties[0], parties[1]) with
        {
            Status = words.Contains("f") ? TransactionStatus.Failed : TransactionStatus.Settled,
            Narrative = Flag("n"),
            Purpose = Flag("p"),
            Location = Flag("at") is { } place ? Place(place) : null,
            Debtor = new TransactionParty(parties[0], Flag("by")),
            Creditor = new TransactionParty(parties[1], Flag("for")),
        };
        var born = Flag("born") is { } day ? DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture)
            : (DateOnly?)null;
        return (transaction, born is null
            ? PartyFacts.None
            : new PartyFacts(
                new SideFacts(new CustomerFacts("person", 1) { BornOn = born }, new AccountFacts(parties[0], 1)),
                new SideFacts(null, new AccountFacts(parties[1], 1))));
    }

    private static GeoPoint Place(string text)
    {
        var degrees = text.Split(',').Select(part => decimal.Parse(part, CultureInfo.InvariantCulture)).ToList();
        return new GeoPoint(degrees[0], degrees[1]);
    }

    private static long Seconds(string text)
    {
        var unit = text[^1] switch { 'd' => 86_400, 'h' => 3_600, 'm' => 60, 's' => 1, _ => 0 };
        return unit == 0
            ? long.Parse(text, CultureInfo.InvariantCulture)
            : long.Parse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture) * unit;
    }

    private static IEnumerable<string> Names() => typeof(TazamaKit).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(name => name[Prefix.Length..^".json".Length]);

    private static JsonObject Told(JsonObject document)
    {
        var conditions = document["conditions"]!.AsObject();
        var outcomes = conditions["bands"]!.AsArray()
            .Concat(conditions["cases"]?.AsArray() ?? [])
            .Concat(document["outcomes"]?.AsObject().Select(item => item.Value) ?? []);
        foreach (var outcome in outcomes)
        {
            if (outcome!["score"]!.GetValue<decimal>() == 0)
            {
                outcome["score"] = 0.000001m;
            }
        }

        return document;
    }
}
