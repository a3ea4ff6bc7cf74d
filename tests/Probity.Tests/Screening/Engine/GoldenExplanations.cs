using Probity.Screening.Matching;
using Probity.Screening.Model;

namespace Probity.Tests.Screening.Engine;

/// <summary>Twenty kinds of hit whose explanations are kept word for word in docs/screening-explanations.md.</summary>
internal static class GoldenExplanations
{
    public static IReadOnlyList<(string Title, ScreeningQuery Query)> Cases { get; } =
    [
        ("The listed name typed exactly", Samples.Query("Boris Petrovich Karovsky")),
        ("An alias", Samples.Query("Boris Karowski")),
        ("One letter replaced", Samples.Query("Boris Petrovich Karobsky")),
        ("Two letters exchanged", Samples.Query("Boris Petrovich Karvosky")),
        ("Another romanisation", Samples.Query("Usama Belkassem")),
        ("A name with other vowels", Samples.Query("Osama Belqasim")),
        ("A short form", Samples.Query("Nikos Testavrou")),
        ("An initial", Samples.Query("B. P. Karovsky")),
        ("Words written together", Samples.Query("BorisPetrovichKarovsky")),
        ("A word split", Samples.Query("Boris Petrovich Karov sky")),
        ("A title added", Samples.Query("Colonel Boris Petrovich Karovskiy")),
        ("A part missing", Samples.Query("Carlos Mendoza Cruz")),
        ("Cyrillic", Samples.Query("Борис Петрович Каровский")),
        ("Arabic", Samples.Query("عبد الرحمن محمد الزرقان")),
        ("Chinese", Samples.Query("项卫国")),
        ("Greek", Samples.Query("Νικόλαος Τεσταυρου")),
        ("Another legal form", Samples.Query("Vostok Neftegaz Zarim LLC", EntityKind.Organisation)),
        ("A typing error in a common word", Samples.Query("Brimarque Tradign and Shipping Co Ltd",
            EntityKind.Organisation)),
        ("An identifier", new ScreeningQuery { Identifiers = ["IMO 9187629"] }),
        ("Evidence that agrees and contradicts", Samples.Query("Boris Petrovich Karowsky") with
        {
            Date = new PartialDate(1961, 3, 26), Countries = ["UA"],
        }),
    ];

    public static string Page()
    {
        var page = "# Twenty explanations\n\nMade by the tests from a list of invented entries; compared word for "
            + "word.\n";
        foreach (var (title, query) in Cases)
        {
            var matches = Samples.Engine.Search(query);
            var name = query.Name.Length != 0 ? query.Name : query.Identifiers[0];
            page += $"\n## {title}\n\n`{name}`";
            page += matches.Length == 0 ? "\n\nNo match.\n"
                : FormattableString.Invariant(
                    $"\n\nScore {matches[0].Score / 10000m:0.0000}. {Samples.Engine.Explain(query, matches[0])}\n");
        }

        return page;
    }
}
