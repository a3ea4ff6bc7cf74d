using Probity.Screening.Effectiveness;
using System.Globalization;
using System.Text;
using Probity.Screening.Matching;
using Probity.Screening.Model;

namespace Probity.ScreeningQuality;

/// <summary>
/// What is measured beside the curves of names: with birth year and country, without data, other scripts, words common
/// to organisations, and names typed exactly.
/// </summary>
internal static class Extra
{
    private const int EarliestBirth = 1940;
    private const int BirthYears = 67;

    private static readonly string[] s_commonWords =
    [
        "CORP", "company", "Co.", "Ltd", "Limited", "LLC", "GmbH", "S.A.", "Inc", "Corporation", "The Company",
        "Company Ltd", "Trading", "Trading Company", "International", "International Trading", "Holding",
        "Holding Company", "Group", "Global", "Services", "General Trading", "General Trading LLC", "Import Export",
        "Import Export Co", "Shipping Company", "Bank", "Investment", "Investment Company Ltd", "Foundation",
        "Enterprises", "Industries", "Construction Company", "Oil Company", "National Company", "A-B-C Company",
        "11420", "1", "Company 1", "National Bank", "Industrial Group", "The", "and", "Energy", "Management Services",
    ];

    private static readonly Dictionary<string, string> s_countries = new()
    {
        ["ar"] = "sa", ["cz"] = "cz", ["de"] = "de", ["el"] = "gr", ["en"] = "us", ["en_IND"] = "in", ["es"] = "es",
        ["fa"] = "ir", ["ge"] = "ge", ["ja"] = "jp", ["ko"] = "kr", ["sv"] = "se", ["uk"] = "ua", ["vi"] = "vn",
        ["nb_NO"] = "no",
    };

    public static void Write(
        StringBuilder text, ScreeningEngine engine, IReadOnlyList<ListedEntity> half, ScreeningList un, int each)
    {
        WithEvidence(text, engine, half, each);
        Native(text, un, engine.Options, each);
        CommonWords(text, engine);
        Exact(text, engine, half);
    }

    private static void WithEvidence(
        StringBuilder text, ScreeningEngine engine, IReadOnlyList<ListedEntity> half, int each)
    {
        var listed = Probes.Mutated(half, EntityKind.Person, each, 5, withEvidence: true);
        var found = Measuring.Run(engine, listed);
        var bare = Measuring.Run(engine, [.. listed.Select(probe => probe with
        {
            Query = probe.Query with { Date = null, Countries = [] },
        })]);
        var dice = new Dice(91);
        var innocents = Probes.OfInnocents(Innocents.Persons(Report.EachPopulation, 7), EntityKind.Person)
            .ConvertAll(probe => probe with
            {
                Query = probe.Query with
                {
                    Date = new PartialDate(EarliestBirth + dice.Below(BirthYears)),
                    Countries = [CountryOf(probe.Group)],
                },
            });
        var false_ = Measuring.Run(engine, innocents);

        // Entries that state neither: what the customer's record says must cost nothing.
        var silent = Probes.Mutated(
            [.. half.Where(entity => !entity.DatesOf(DateKind.Birth).Any() && entity.Countries.Length == 0
                && entity.Addresses.Length == 0 && entity.BirthPlaces.Length == 0)], EntityKind.Person, each, 6);
        var without = Measuring.Run(engine, silent);
        var with_ = Measuring.Run(engine, silent.ConvertAll(probe => probe with
        {
            Query = probe.Query with { Date = new PartialDate(1970), Countries = ["fr"] },
        }));
        var lower = with_.Where((row, i) => row.Score < without[i].Score).Count();
        text.AppendLine("### Persons with birth year and country, held-out half").AppendLine();
        text.Append(CultureInfo.InvariantCulture,
            $"{found.Length} mutations of entries that state both, {false_.Length} innocents with a birth year ")
            .AppendLine("from 1940 to 2006 and the country of their locale.").AppendLine();
        text.AppendLine("| threshold | mutations, year and country given | the same, name alone | innocents |")
            .AppendLine("|---|---|---|---|");
        foreach (var at in (int[])[6500, 7000, 7500, 8000, 8500, 9000])
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {at / 10000.0:0.00} | {Measuring.Share(found, at):P2} | {Measuring.Share(bare, at):P2} "
                + $"| {Measuring.Share(false_, at):P2} |");
        }

        text.AppendLine().Append(CultureInfo.InvariantCulture,
            $"Entries that state neither, asked with a year and a country: {lower} of {silent.Count} scored lower ")
            .AppendLine("than by name alone.").AppendLine();
    }

    private static string CountryOf(string locale) =>
        s_countries.TryGetValue(locale, out var code) ? code
        : locale.Contains('_', StringComparison.Ordinal) ? locale[^2..].ToLowerInvariant() : locale[..2];

    private static void Native(StringBuilder text, ScreeningList un, ScreeningOptions options, int each)
    {
        var engine = ScreeningEngine.Build([Loading.LatinOnly(un)], options);
        var probes = Measuring.Run(engine, Probes.Native(un.Entities));
        var innocents = Measuring.Run(engine, Probes.OfInnocents(Innocents.Persons(Report.EachPopulation, 7),
            EntityKind.Person));
        text.AppendLine("### Persons in other scripts, UN list of 2026-02-27, its Latin names alone searched")
            .AppendLine()
            .AppendLine(
                "| script | names | at the default | innocents of the script | at 1 % of those | threshold for 1 % |")
            .AppendLine("|---|---|---|---|---|---|");
        foreach (var script in (string[])["Arabic", "Cyrillic", "Han", "Hangul"])
        {
            string[] locales = script switch
            {
                "Arabic" => ["ar", "fa"], "Cyrillic" => ["ru", "uk"], "Han" => ["zh_CN", "zh_TW", "ja"], _ => ["ko"],
            };
            var same = innocents.Where(row => locales.Contains(row.Probe.Group)).ToArray();
            var named = probes.Where(row => row.Probe.Group == script).ToArray();
            var at = Measuring.ThresholdAt(same, 0.01);
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {script} | {named.Length} | {Measuring.Share(named, options.Threshold):P1} "
                + $"| {Measuring.Share(same, options.Threshold):P2} of {same.Length} "
                + $"| {Measuring.Share(named, at):P1} | {at / 10000.0:0.000} |");
        }

        text.AppendLine();
    }

    private static void CommonWords(StringBuilder text, ScreeningEngine engine)
    {
        var wrong = new List<string>();
        foreach (var word in s_commonWords)
        {
            foreach (var kind in (EntityKind[])[EntityKind.Organisation, EntityKind.Unknown])
            {
                wrong.AddRange(engine.Search(new ScreeningQuery { Name = word, Kind = kind })
                    .Where(match => Plain(match.Name?.Full ?? "") != Plain(word))
                    .Select(match => $"{word} → {match.Name?.Full}"));
            }
        }

        var shown = wrong.Count == 0 ? "" : ": " + string.Join("; ", wrong.Distinct().Take(8));
        text.AppendLine("### Names of common words").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"{s_commonWords.Length} names of common words alone: {wrong.Count} alerts on another name{shown}.")
            .AppendLine();
    }

    private static void Exact(StringBuilder text, ScreeningEngine engine, IReadOnlyList<ListedEntity> half)
    {
        var exact = Measuring.Run(engine, Probes.Exact(half));
        var missed = exact.Count(row => row.Score < engine.Options.Threshold);
        text.AppendLine("### Names typed exactly").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"{exact.Length} strong names typed as listed: {missed} did not alert.").AppendLine();
    }

    private static string Plain(string name) =>
        string.Concat(name.Where(char.IsLetterOrDigit)).ToUpperInvariant();
}
