using Probity.Monitoring.Ownership;
using Probity.Monitoring.Rating;
using Probity.Monitoring.Worlds;
using Xunit;

namespace Probity.Tests.Monitoring;

/// <summary>Indirect shares are multiplied along ways and summed, exactly; what is not known is said.</summary>
public sealed class OwnershipTests
{
    private static readonly OwnershipThreshold s_orMore =
        new("US", null, new DateOnly(2018, 5, 11), 250_000, true, "31 CFR 1010.230(d)(1)");

    private static readonly OwnershipThreshold s_moreThan = s_orMore with { Jurisdiction = "GB", IsInclusive = false };

    [Fact]
    public void Shares_are_multiplied_along_every_way_and_summed()
    {
        var finding = Of(s_orMore, ("p1", "root", 10), ("h1", "root", 50), ("p1", "h1", 40), ("p2", "h1", 60),
            ("p3", "root", 40));

        Assert.Equal([("p3", 40m), ("p1", 30m), ("p2", 30m)],
            finding.Persons.Select(person => (person.Id, person.Percent)));
        Assert.All(finding.Persons, person => Assert.True(person.IsByShare));
        Assert.Equal((0m, 0m, 2, false),
            (finding.UnknownPercent, finding.CircularPercent, finding.Depth, finding.IsCut));
        Assert.Equal(["p1 h1 root", "p1 root"],
            finding.Persons.Single(person => person.Id == "p1").Ways.Select(way => string.Join(' ', way.Ids)));
    }

    [Fact]
    public void Exactly_a_quarter_counts_under_or_more_and_not_under_more_than()
    {
        // A half of a half; a millionth more of the second half is more than a quarter, whatever is shown.
        var exactly = new[] { Link("h", "root", 500_000), Link("p", "h", 500_000) };
        var above = new[] { Link("h", "root", 500_000), Link("p", "h", 500_001) };

        Assert.True(Single(exactly, s_orMore).IsByShare);
        Assert.False(Single(exactly, s_moreThan).IsByShare);
        Assert.True(Single(above, s_moreThan).IsByShare);
        Assert.False(Single([Link("h", "root", 500_000), Link("p", "h", 499_999)], s_orMore).IsByShare);
    }

    [Fact]
    public void Twelve_factors_are_multiplied_without_rounding()
    {
        // 0.999999 to the twelfth is above 99.9988 % by less than a decimal would keep of every factor.
        var links = Enumerable.Range(0, 11).Select(i => Link($"h{i + 1}", i == 0 ? "root" : $"h{i}", 999_999))
            .Append(Link("p", "h11", 999_999)).ToArray();

        var finding = BeneficialOwnership.Of("root", links, IsPerson, s_orMore);

        Assert.False(finding.IsCut);
        Assert.Equal(99.9988m, Math.Round(finding.Persons[0].Percent, 4));
        Assert.Equal(100m, finding.Persons[0].Percent + finding.UnknownPercent);
    }

    [Fact]
    public void What_nobody_is_named_for_is_said()
    {
        var finding = Of(s_orMore, ("p1", "root", 60), ("h1", "root", 30), ("p2", "h1", 30));

        Assert.Equal(31m, finding.UnknownPercent); // 10 of the root and 70 % of 30 of the holding.
        Assert.Equal(9m, finding.Persons.Single(person => person.Id == "p2").Percent);
        Assert.False(finding.Persons.Single(person => person.Id == "p2").IsBeneficialOwner);
    }

    [Fact]
    public void A_circle_ends_is_named_once_and_its_part_is_said()
    {
        var finding = Of(s_orMore, ("h1", "root", 80), ("h2", "h1", 50), ("h1", "h2", 50), ("p1", "h1", 50),
            ("p2", "h2", 50), ("p3", "root", 20));

        Assert.Equal(["h1", "h2"], Assert.Single(finding.Circles));
        Assert.Equal(20m, finding.CircularPercent);
        Assert.Equal(100m, finding.Persons.Sum(person => person.Percent) + finding.CircularPercent
            + finding.UnknownPercent);
        Assert.Empty(Of(s_orMore, ("h1", "root", 80), ("h2", "h1", 50), ("p1", "h2", 50)).Circles);
    }

    [Fact]
    public void A_tree_that_is_too_deep_or_too_large_is_cut_and_says_so()
    {
        var deep = Enumerable.Range(0, 14).Select(i => Link($"h{i + 1}", i == 0 ? "root" : $"h{i}", 1_000_000))
            .Append(Link("p", "h14", 1_000_000)).ToArray();
        var full = from layer in Enumerable.Range(0, 9)
            from owned in Enumerable.Range(0, 4)
            from owner in Enumerable.Range(0, 4)
            select Link($"h{layer + 1}x{owner}", $"h{layer}x{owned}", 250_000);

        var cut = BeneficialOwnership.Of("root", deep, IsPerson, s_orMore);
        var wide = BeneficialOwnership.Of("h0x0", full, IsPerson, s_orMore);

        Assert.True(cut.IsCut);
        Assert.Equal(100m, cut.UnknownPercent);
        Assert.True(wide.IsCut);
        Assert.Equal(100m, wide.UnknownPercent);
    }

    [Fact]
    public void Control_and_chains_of_majorities_make_a_beneficial_owner()
    {
        var links = new[]
        {
            Link("h1", "root", 510_000), Link("p1", "h1", 510_000), Link("p2", "h1", 490_000),
            new OwnershipLink("p3", "root", null), Link("p4", "root", 490_000),
        };

        var found = BeneficialOwnership.Of("root", links, IsPerson, s_orMore with { Millionths = 600_000 })
            .Persons.ToDictionary(person => person.Id, StringComparer.Ordinal);

        Assert.Equal((false, true), (found["p1"].IsByShare, found["p1"].IsByControl)); // 26 %, but controls h1.
        Assert.Equal((0m, true), (found["p3"].Percent, found["p3"].IsBeneficialOwner));
        Assert.False(found["p2"].IsBeneficialOwner);
        Assert.False(found["p4"].IsBeneficialOwner);
    }

    [Fact]
    public void Shares_above_the_whole_are_told_and_nothing_is_unknown_then()
    {
        var finding = Of(s_orMore, ("p1", "root", 70), ("p2", "root", 40));

        Assert.Equal("root", Assert.Single(finding.Exceeding));
        Assert.Equal(0m, finding.UnknownPercent);
        Assert.Empty(Of(s_orMore, ("p1", "root", 70), ("p2", "root", 30)).Exceeding);
    }

    [Theory]
    [InlineData("DE", "2026-11-28", "EU", false)]
    [InlineData("DE", "2027-07-09", "EU", false)]
    [InlineData("DE", "2027-07-10", "EU", true)]
    [InlineData("GB", "2026-11-28", "GB", false)]
    [InlineData("US", "2026-11-28", "US", true)]
    [InlineData("US", "2018-05-10", "*", true)]
    [InlineData("KE", "2026-11-28", "*", true)]
    [InlineData(null, "2026-11-28", "*", true)]
    public void The_threshold_is_that_of_the_jurisdiction_on_the_day(
        string? country, string on, string law, bool isInclusive)
    {
        var scorecard = ScorecardPack.Scorecard();

        var threshold = BeneficialOwnership.ThresholdFor(
            scorecard.Thresholds, country, DateOnly.Parse(on, null), scorecard.IsListed);

        Assert.Equal((law, isInclusive, 250_000),
            (threshold!.Jurisdiction, threshold.IsInclusive, threshold.Millionths));
    }

    [Fact]
    public void Random_trees_are_the_whole_and_agree_with_a_plain_recursion()
    {
        var dice = new WorldDice(20261128, 0);
        for (var round = 0; round < 300; round++)
        {
            var links = Tree(ref dice);

            var finding = BeneficialOwnership.Of("h0", links, IsPerson, s_orMore);

            var plain = new Dictionary<string, decimal>(StringComparer.Ordinal);
            Plain(links, "h0", 100m, plain);
            Assert.Equal(
                plain.OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => (item.Key, Round(item.Value))),
                finding.Persons.Where(person => person.Percent > 0).OrderBy(person => person.Id, StringComparer.Ordinal)
                    .Select(person => (person.Id, Round(person.Percent))));
            var all = finding.Persons.Sum(person => person.Percent) + finding.UnknownPercent;
            Assert.True(Math.Abs(all - 100m) < 0.001m, $"round {round}: {all} %");
        }
    }

    private static decimal Round(decimal percent) => Math.Round(percent, 6);

    // Layers of holdings, each owned by those of the next layer and by persons, never by more than the whole.
    private static OwnershipLink[] Tree(ref WorldDice dice)
    {
        var links = new List<OwnershipLink>();
        for (var holding = 0; holding < 6; holding++)
        {
            var left = 1_000_000;
            string[] owners = [$"h{holding + 1}", $"h{holding + 2}", $"p{dice.Below(5)}", $"q{dice.Below(5)}"];
            foreach (var owner in owners)
            {
                var share = dice.Between(1, 399_999);
                if (share <= left && !(owner[0] == 'h' && owner[1] > '6'))
                {
                    links.Add(Link(owner, $"h{holding}", share));
                    left -= share;
                }
            }
        }

        return [.. links];
    }

    private static void Plain(
        OwnershipLink[] links, string party, decimal share, Dictionary<string, decimal> found)
    {
        foreach (var link in links.Where(link => link.Owned == party))
        {
            var part = share * link.Millionths!.Value / 1_000_000m;
            if (IsPerson(link.Owner))
            {
                found[link.Owner] = found.GetValueOrDefault(link.Owner) + part;
            }
            else
            {
                Plain(links, link.Owner, part, found);
            }
        }
    }

    private static bool IsPerson(string id) => id[0] is 'p' or 'q';

    private static OwnershipLink Link(string owner, string owned, int millionths) => new(owner, owned, millionths);

    private static OwnerFinding Single(OwnershipLink[] links, OwnershipThreshold threshold) =>
        Assert.Single(BeneficialOwnership.Of("root", links, IsPerson, threshold).Persons);

    private static OwnershipFinding Of(
        OwnershipThreshold threshold, params (string Owner, string Owned, int Percent)[] links) =>
        BeneficialOwnership.Of(
            "root", links.Select(link => Link(link.Owner, link.Owned, link.Percent * 10_000)), IsPerson, threshold);
}
