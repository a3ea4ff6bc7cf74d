using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Ledger.Json;
using Probity.Monitoring;
using Probity.Monitoring.Rating;
using Xunit;

namespace Probity.Tests.Monitoring;

/// <summary>Customers are rated in whole numbers, and a rating is computed again byte for byte.</summary>
public sealed class RatingTests
{
    private static readonly DateOnly s_day = new(2026, 11, 28);

    [Fact]
    public void The_shipped_scorecard_is_sound_and_its_weights_are_the_whole()
    {
        var scorecard = ScorecardPack.Scorecard();

        Assert.Equal(100, scorecard.Factors.Sum(factor => factor.Weight));
        Assert.All(scorecard.Factors, factor => Assert.NotEmpty(factor.Source));
        Assert.Equal([36, 24, 12], scorecard.ReviewMonths);
        Assert.True(scorecard.IsListed("fatf_call_for_action", "KP", s_day));
        Assert.Contains("approval", scorecard.Checks["enhanced"]);
        Assert.DoesNotContain("approval", scorecard.Checks["standard"]);
    }

    [Fact]
    public void Every_fact_and_list_that_the_shipped_scorecard_asks_for_moves_a_rating()
    {
        var scorecard = ScorecardPack.Scorecard();
        foreach (var factor in scorecard.Factors)
        {
            foreach (var item in factor.Cases)
            {
                var rating = Rater.Rate(scorecard, Holding(scorecard, item.When), null);

                var given = rating.Contributions.Single(part => part.Factor.Name == factor.Name);
                Assert.True(given.Points >= item.Points, $"{factor.Name}: {item.Why}");
                Assert.Contains(factor.Cases.IndexOf(item), given.Cases);
            }
        }
    }

    [Fact]
    public void Points_times_weights_are_summed_exactly_and_the_greatest_case_of_a_factor_counts()
    {
        var rating = Rate(
            ("countries", RatingFacts.Words(["KE", "DE"])), ("kind", RatingFacts.Words(["organisation"])),
            ("documents", RatingFacts.Words(["held"])), ("past_alerts", RatingFacts.Number(2)),
            ("activity_ratio", RatingFacts.Number(1.99m)), ("source_of_funds", RatingFacts.Truth(true)));

        // 70 x 20 + 40 x 15 + 20 x 10 + 0 + 40 x 10 + 0 + 0 + 0, in hundredths.
        Assert.Equal(
            [("geography", 70, 1400), ("customer_type", 40, 600), ("product_channel", 20, 200),
                ("pep_sanctions", 0, 0), ("adverse", 40, 400), ("activity", 0, 0), ("ownership", 0, 0),
                ("documents", 0, 0)],
            rating.Contributions.Select(part => (part.Factor.Name, part.Points, part.Score)));
        Assert.Equal((2600, CustomerRating.Medium), (rating.Score, rating.Value));
        Assert.Equal("26.00", RatingRecord.Score(rating.Score));
    }

    [Theory]
    [InlineData("2024-06-01", 10)] // Kenya is on the list of the shipped data from 2025-06-13 on.
    [InlineData("2026-11-28", 70)]
    public void A_list_is_asked_as_of_the_day(string day, int points)
    {
        var facts = Facts(("countries", RatingFacts.Words(["KE"]))).At(DateOnly.Parse(day, null));

        var rating = Rater.Rate(ScorecardPack.Scorecard(), facts, null);

        Assert.Equal(points, rating.Contributions.Single(part => part.Factor.Name == "geography").Points);
    }

    [Fact]
    public void A_band_begins_at_its_bound()
    {
        var scorecard = ScorecardPack.Scorecard();

        CustomerRating At(int score) => Rater.Rate(
            scorecard with { MediumFrom = score, HighFrom = score + 1, Floors = [] },
            Facts(("countries", RatingFacts.Words(["DE"]))), null).Value;

        var exact = Rater.Rate(scorecard, Facts(("countries", RatingFacts.Words(["DE"]))), null).Score;
        Assert.Equal(CustomerRating.Medium, At(exact));
        Assert.Equal(CustomerRating.High, At(exact - 1));
        Assert.Equal(CustomerRating.Low, At(exact + 1));
    }

    [Fact]
    public void A_floor_lifts_a_rating_and_no_override_lowers_it()
    {
        var until = new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var low = new RatingOverride("ovr_1", CustomerRating.Low, until);
        var known = ("countries", RatingFacts.Words(["DE"]));

        var pep = Rate(known, ("is_pep", RatingFacts.Truth(true)));
        var plain = Rater.Rate(ScorecardPack.Scorecard(), Facts(known, ("is_pep", RatingFacts.Truth(false))), null);

        Assert.Equal(CustomerRating.High, pep.Value);
        Assert.NotEqual(CustomerRating.High, plain.Value);
        Assert.Equal(CustomerRating.High, Rater.Rate(pep.Scorecard, pep.Facts, low).Value);
        Assert.Equal(CustomerRating.Low, Rater.Rate(
            pep.Scorecard, Facts(known, ("segment", RatingFacts.Words(["crypto"])),
                ("adverse", RatingFacts.Words(["conviction"]))), low).Value);
        var high = low with { Rating = CustomerRating.High };
        Assert.Equal(CustomerRating.High, Rater.Rate(plain.Scorecard, plain.Facts, high).Value);
    }

    [Fact]
    public void A_fact_that_is_not_known_answers_nothing_but_that_it_is_not_known()
    {
        var scorecard = Read(WithCases("""
            {"when":[{"fact":"past_alerts","below":"5"}],"points":90,"why":"few"},
            {"when":[{"fact":"is_pep","is":false}],"points":80,"why":"no pep"},
            {"when":[{"fact":"past_alerts","known":false}],"points":7,"why":"not known"}
            """));

        int Points(params (string, RatingFact?)[] facts) =>
            Rater.Rate(scorecard, Facts(facts), null).Contributions[0].Points;

        Assert.Equal(7, Points());
        Assert.Equal(90, Points(("past_alerts", RatingFacts.Number(4))));
        Assert.Equal(0, Points(("past_alerts", RatingFacts.Number(5))));
        Assert.Equal(80, Points(("past_alerts", RatingFacts.Number(5)), ("is_pep", RatingFacts.Truth(false))));
    }

    [Fact]
    public void A_record_is_canonical_and_gives_the_same_bytes_again()
    {
        var record = RatingRecord.Write(Everything());

        Assert.True(CanonicalJson.IsCanonical(record));
        Assert.Equal(record, RatingRecord.Replay(Element(record), ScorecardPack.Scorecard()));
    }

    [Fact]
    public void A_record_whose_outcome_is_bent_anywhere_is_not_the_same_again()
    {
        var record = JsonNode.Parse(RatingRecord.Write(Everything()))!;
        var leaves = new List<(JsonNode Parent, string Name)>();
        Leaves(record, leaves);

        // Facts, day and override are what went in: one that was bent and still comes to the same is for the ledger's
        // hash to tell.
        string[] inputs = ["$.facts", "$.override"];
        leaves.RemoveAll(leaf => leaf.Name == "on"
            || Array.Exists(inputs, input => leaf.Parent.GetPath().StartsWith(input, StringComparison.Ordinal)));
        Assert.True(leaves.Count > 30);
        foreach (var (parent, name) in leaves)
        {
            var (node, restore) = Bend(parent, name);
            var bent = CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(record.ToJsonString()));
            Assert.False(IsReplayed(bent), $"{parent.GetPath()} {name}: {node} bent was not seen");
            restore();
        }

        Assert.True(IsReplayed(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(record.ToJsonString()))));
    }

    [Theory]
    [InlineData("activity_ratio")]
    [InlineData("ownership_unknown")]
    [InlineData("past_alerts")]
    public void A_fact_that_was_moved_over_a_bound_does_not_give_the_same_record(string fact)
    {
        var record = JsonNode.Parse(RatingRecord.Write(Everything()))!;
        record["facts"]![fact] = "0";

        Assert.False(IsReplayed(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(record.ToJsonString()))));
    }

    [Fact]
    public void Another_scorecard_does_not_give_the_same_record()
    {
        var record = RatingRecord.Write(Everything());
        var other = JsonNode.Parse(ScorecardPack.Document().Span)!;
        other["factors"]![0]!["cases"]![0]!["points"] = 99;

        Assert.NotEqual(record, RatingRecord.Replay(Element(record), Read(other.ToJsonString())));
    }

    [Theory]
    [InlineData("""{"fact":"contries","in":["DE"]}""", "/factors/0/cases/0/when/0/fact", "unknown_field", "countries")]
    [InlineData("""{"fact":"countries","at_least":"1"}""", "/factors/0/cases/0/when/0/at_least", "bad_type", "in")]
    [InlineData("""{"fact":"is_pep","in":["yes"]}""", "/factors/0/cases/0/when/0/in", "bad_type", "is")]
    [InlineData("""{"fact":"countries","in_list":"nolist"}""", "/factors/0/cases/0/when/0/in_list", "unknown_list", "")]
    [InlineData("""{"fact":"countries"}""", "/factors/0/cases/0/when/0", "bad_test", "in_list")]
    [InlineData("""{"fact":"past_alerts","at_least":"many"}""", "/factors/0/cases/0/when/0/at_least", "bad_number", "")]
    public void A_bad_test_is_refused_with_its_place_and_fix(string test, string place, string code, string fix)
    {
        var refused = Assert.IsType<ScorecardResult.Refused>(ScorecardReader.Read(Encoding.UTF8.GetBytes(
            WithCases($$"""{"when":[{{test}}],"points":1,"why":"w"}"""))));

        var fault = Assert.Single(refused.Faults);
        Assert.Equal((place, "monitoring." + code), (fault.Place, fault.Code));
        Assert.Contains(fix, fault.Fix, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/factors/0/weight", "21", "bad_weights")]
    [InlineData("/bands/high", "\"22\"", "bad_bands")]
    [InlineData("/bands/medium", "\"0.001\"", "bad_number")]
    [InlineData("/review_months/high", "25", "bad_months")]
    [InlineData("/checks/standard/0", "\"passport\"", "unknown_word")]
    [InlineData("/ownership/0/percent", "\"101\"", "bad_number")]
    [InlineData("/factors/1/name", "\"geography\"", "duplicate")]
    [InlineData("/floors/0/rating", "\"low\"", "unknown_word")]
    [InlineData("/factors/0/cases/0/points", "101", "bad_number")]
    public void A_scorecard_that_does_not_fit_together_is_refused(string pointer, string value, string code)
    {
        var document = JsonNode.Parse(ScorecardPack.Document().Span)!;
        var (parent, name) = Find(document, pointer);
        Set(parent, name, JsonNode.Parse(value));

        var refused = Assert.IsType<ScorecardResult.Refused>(
            ScorecardReader.Read(Encoding.UTF8.GetBytes(document.ToJsonString())));

        Assert.Equal("monitoring." + code, Assert.Single(refused.Faults).Code);
    }

    private static RatingResult Everything() => Rater.Rate(
        ScorecardPack.Scorecard(),
        Facts(
            ("countries", RatingFacts.Words(["KP", "DE"])), ("kind", RatingFacts.Words(["organisation"])),
            ("segment", RatingFacts.Words(["crypto"])), ("is_pep", RatingFacts.Truth(true)),
            ("screening", RatingFacts.Words(["possible"])), ("past_alerts", RatingFacts.Number(6)),
            ("ownership_unknown", RatingFacts.Number(31.5m)), ("documents", RatingFacts.Words(["expired"])),
            ("channel", RatingFacts.Words(["online"])), ("activity_ratio", RatingFacts.Number(7))),
        new RatingOverride("ovr_1", CustomerRating.Low, new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero)));

    // What makes every test of a case hold.
    private static RatingFacts Holding(Scorecard scorecard, IEnumerable<ScorecardTest> tests) =>
        RatingFacts.Of(s_day, tests.Where(test => test.Operator != ScorecardOperator.Known).Select(test =>
            KeyValuePair.Create<string, RatingFact?>(test.Fact, test.Operator switch
            {
                ScorecardOperator.In => RatingFacts.Words([test.Words[^1]]),
                ScorecardOperator.InList => RatingFacts.Words(
                    [scorecard.Members.Last(member => member.List == test.Words[0]
                        && scorecard.IsListed(member.List, member.Member, s_day)).Member]),
                ScorecardOperator.AtLeast => RatingFacts.Number(test.Bound),
                ScorecardOperator.Below => RatingFacts.Number(test.Bound - 1),
                _ => RatingFacts.Truth(test.Truth),
            })));

    private static RatingResult Rate(params (string Name, RatingFact? Fact)[] facts) =>
        Rater.Rate(ScorecardPack.Scorecard(), Facts(facts), null);

    private static RatingFacts Facts(params (string Name, RatingFact? Fact)[] facts) =>
        RatingFacts.Of(s_day, facts.Select(fact => KeyValuePair.Create(fact.Name, fact.Fact)));

    private static Scorecard Read(string json) =>
        Assert.IsType<ScorecardResult.Sound>(ScorecardReader.Read(Encoding.UTF8.GetBytes(json))).Scorecard;

    private static string WithCases(string cases)
    {
        var document = JsonNode.Parse(ScorecardPack.Document().Span)!;
        document["factors"] = JsonNode.Parse(
            $$"""[{"name":"f","title":"F","weight":100,"source":"s","cases":[{{cases}}]}]""");
        return document.ToJsonString();
    }

    private static bool IsReplayed(byte[] record)
    {
        try
        {
            return record.AsSpan().SequenceEqual(
                RatingRecord.Replay(Element(record), ScorecardPack.Scorecard()));
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static JsonElement Element(byte[] json) => JsonSerializer.Deserialize<JsonElement>(json);

    private static void Leaves(JsonNode node, List<(JsonNode Parent, string Name)> found)
    {
        foreach (var (name, value) in node is JsonObject members
            ? members.Select(member => (member.Key, member.Value))
            : node.AsArray().Select((item, i) => (i.ToString(null, null), item)))
        {
            if (value is JsonObject or JsonArray)
            {
                Leaves(value, found);
            }
            else
            {
                found.Add((node, name));
            }
        }
    }

    private static (string Before, Action Restore) Bend(JsonNode parent, string name)
    {
        var value = (parent is JsonArray items ? items[int.Parse(name, null)] : parent[name])!.DeepClone();
        Set(parent, name, value.GetValueKind() switch
        {
            JsonValueKind.True => false,
            JsonValueKind.False => true,
            JsonValueKind.Number => value.GetValue<int>() + 1,
            _ when DateOnly.TryParse(value.GetValue<string>(), null, out _) => "2020-01-01",
            _ => value.GetValue<string>() is "high" ? "medium" : value.GetValue<string>() + "1",
        });
        return (value.ToJsonString(), () => Set(parent, name, value));
    }

    private static (JsonNode Parent, string Name) Find(JsonNode root, string pointer)
    {
        var names = pointer.Split('/')[1..];
        var node = names[..^1].Aggregate(
            root, (at, name) => at is JsonArray items ? items[int.Parse(name, null)]! : at[name]!);
        return (node, names[^1]);
    }

    private static void Set(JsonNode parent, string name, JsonNode? value)
    {
        if (parent is JsonArray items)
        {
            items[int.Parse(name, null)] = value;
        }
        else
        {
            parent[name] = value;
        }
    }
}
