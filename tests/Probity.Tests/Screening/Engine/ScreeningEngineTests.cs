using System.Globalization;
using Probity.Screening.Matching;
using Probity.Screening.Model;
using Xunit;

namespace Probity.Tests.Screening.Engine;

public sealed class ScreeningEngineTests
{
    [Theory]
    [InlineData("Boris Petrovich Karovsky", "p1")]
    [InlineData("KAROVSKY Boris", "p1")]
    [InlineData("Boris Karovskiy", "p1")]
    [InlineData("B. Karovsky", "p1")]
    [InlineData("BorisKarovsky", "p1")]
    [InlineData("Dr. Boris P. Karovsky", "p1")]
    [InlineData("Boris Kar ovsky", "p1")]
    [InlineData("Борис Петрович Каровский", "p1")]
    [InlineData("Abd al-Rahman al Zarqan", "p2")]
    [InlineData("Abdulrahman Mohammed Alzarqan", "p2")]
    [InlineData("عبد الرحمن محمد الزرقان", "p2")]
    [InlineData("Nikolaos Testabrou", "p4")]
    [InlineData("Νικόλαος Τεσταυρου", "p4")]
    [InlineData("项卫国", "p5")]
    [InlineData("Osama Belkassem", "p6")]
    public void A_listed_person_is_found_however_the_name_is_written(string name, string uid)
    {
        var matches = Samples.Engine.Search(Samples.Query(name));

        Assert.Contains(matches, match => match.Entity.Uid == uid);
    }

    [Theory]
    [InlineData("John Smith")]
    [InlineData("Carlos Gomez")]
    [InlineData("Boris Ivanov")]
    [InlineData("Mohammed Rahimi")]
    [InlineData("王小明")]
    public void An_innocent_name_finds_nobody(string name) => Assert.Empty(Samples.Engine.Search(Samples.Query(name)));

    [Theory]
    [InlineData("Vostok Neftegaz Zarim", "o1")]
    [InlineData("Vostok Neftegaz Zarim LLC", "o1")]
    [InlineData("BRIMARQUE TRADNIG & SHIPPING CO LTD", "o4")]
    [InlineData("Brimarque Trading and Shipping Company LIIMTED", "o4")]
    [InlineData("INDUSTRIAL BANK", "o3")]
    public void A_listed_organisation_is_found_with_other_forms_and_errors(string name, string uid)
    {
        var matches = Samples.Engine.Search(Samples.Query(name, EntityKind.Organisation));

        Assert.Contains(matches, match => match.Entity.Uid == uid);
    }

    [Theory]
    [InlineData("CORP")]
    [InlineData("company")]
    [InlineData("Trading Company Limited")]
    [InlineData("BANK")]
    public void Common_words_alone_alert_on_nothing_but_themselves(string name)
    {
        Assert.Empty(Samples.Engine.Search(Samples.Query(name, EntityKind.Organisation)));
        Assert.Empty(Samples.Engine.Search(Samples.Query(name, EntityKind.Unknown)));
    }

    [Fact]
    public void Every_listed_name_typed_exactly_scores_one()
    {
        foreach (var name in (string[])["KAROVSKY, Boris Petrovich", "Carlos Alberto CRUZ MENDOZA", "11420 CORP.",
            "OCEAN VELDRA"])
        {
            Assert.Equal(10000, Samples.Engine.Search(Samples.Query(name, EntityKind.Unknown))[0].Score);
        }
    }

    [Fact]
    public void A_weak_alias_matches_only_when_typed_exactly()
    {
        Assert.Equal("p7", Assert.Single(Samples.Engine.Search(Samples.Query("The Hammer"))).Entity.Uid);
        Assert.Empty(Samples.Engine.Search(Samples.Query("The Hamer")));
    }

    [Theory]
    [InlineData("9187629")]
    [InlineData("IMO 9187629")]
    [InlineData("imo-918 7629")]
    public void An_identifier_is_never_missed_whatever_stands_around_it(string identifier)
    {
        var match = Assert.Single(Samples.Engine.Search(new ScreeningQuery { Identifiers = [identifier] }));

        Assert.Equal(("v1", 10000), (match.Entity.Uid, match.Score));
    }

    [Fact]
    public void Another_identifier_finds_nothing() =>
        Assert.Empty(Samples.Engine.Search(new ScreeningQuery { Identifiers = ["9187630"] }));

    [Fact]
    public void Evidence_moves_the_score_and_missing_data_does_not()
    {
        var alone = Score(Samples.Query("Boris Karovskij"));
        var agrees = Score(Samples.Query("Boris Karovskij") with { Date = new PartialDate(1961), Countries = ["RU"] });
        var differs = Score(Samples.Query("Boris Karovskij") with { Date = new PartialDate(1990), Countries = ["BR"] });

        Assert.True(agrees > alone, $"{agrees} {alone}");
        Assert.True(differs < alone, $"{differs} {alone}");

        static int Score(ScreeningQuery query) =>
            Samples.Engine.Search(query, 3000).Single(match => match.Entity.Uid == "p1").Score;
    }

    [Fact]
    public void A_name_to_be_ignored_is_not_seen()
    {
        var query = Samples.Query("Boris Karowski") with { IgnoreListedName = "KAROWSKI, Boris" };

        Assert.Equal("KAROVSKY, Boris Petrovich", Samples.Engine.Search(query)[0].Name?.Full);
        Assert.Equal("KAROWSKI, Boris", Samples.Engine.Search(Samples.Query("Boris Karowski"))[0].Name?.Full);
    }

    [Fact]
    public void Answers_do_not_depend_on_the_culture()
    {
        var before = CultureInfo.CurrentCulture;
        var query = Samples.Query("BORIS KAROVSKIY");
        var first = Text(query);
        try
        {
            CultureInfo.CurrentCulture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            CultureInfo.CurrentCulture.NumberFormat.NumberDecimalSeparator = ",";
            Assert.Equal(first, Text(query));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        static string Text(ScreeningQuery query) => string.Join(
            '\n', Samples.Engine.Search(query).Select(match =>
                $"{match.Score} {Samples.Engine.Explain(query, match)}"));
    }

    [Fact]
    public void Of_names_that_score_alike_the_first_of_the_list_is_shown()
    {
        var engine = Samples.Build(
            Samples.Person("t1", ["ZORBANOV, Milorad Trovskij", "ZORBANOV, Milorad Brenkovac"], 1960, "RS"));

        Assert.Equal("ZORBANOV, Milorad Trovskij",
            Assert.Single(engine.Search(Samples.Query("Milorad Zorbanov"))).Name?.Full);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("No. 1")]
    public void A_number_alerts_on_nothing_but_itself(string name)
    {
        var engine = Samples.Build(
            Samples.Person("n1", ["GRACE 1"], 1960, "RS"), Samples.Person("n2", ["Noor 1 Karim"], 1960, "RS"));

        Assert.Empty(engine.Search(Samples.Query(name)));
        Assert.Empty(engine.Search(Samples.Query(name, EntityKind.Unknown)));
    }

    [Fact]
    public void A_surname_is_no_typing_error_of_a_common_word()
    {
        var engine = ScreeningEngine.Build(
        [
            new ScreeningList(new ListVersion(Samples.List, null, "", 1),
            [
                new ListedEntity
                {
                    List = Samples.List, Uid = "m1", Kind = EntityKind.Organisation,
                    Names = [new ListedName { Full = "DAWN MARINE MANAGEMENT CO LTD" }],
                },
            ]),
        ]);

        Assert.Empty(engine.Search(Samples.Query("Marian and Sons", EntityKind.Organisation)));
        Assert.NotEmpty(engine.Search(Samples.Query("Dawn Maryne Management", EntityKind.Organisation)));
    }

    [Fact]
    public void A_search_allocates_little()
    {
        var query = Samples.Query("Boris Petrovich Karovsky");
        Samples.Engine.Search(query);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Samples.Engine.Search(query);
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, 1, 6 * 1024);
    }
}
