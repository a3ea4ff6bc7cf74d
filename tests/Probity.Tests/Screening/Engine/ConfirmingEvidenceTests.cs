using System.Collections.Immutable;
using Probity.Screening.Matching;
using Probity.Screening.Model;
using Xunit;

namespace Probity.Tests.Screening.Engine;

/// <summary>Weak aliases and addresses confirm a hit; neither raises one, and what differs takes nothing off.</summary>
public sealed class ConfirmingEvidenceTests
{
    private static readonly ListedEntity s_entity = Samples.Person("1", ["ZORANOV, Milivoj"], 1955, "RS") with
    {
        Names =
        [
            new ListedName { Full = "ZORANOV, Milivoj", Kind = NameKind.Primary },
            new ListedName { Full = "The Hammer", Kind = NameKind.Weak },
        ],
        Addresses = [new ListedAddress { Street = "12 Bulevar Oslobodenja", City = "Novi Sad", Country = "RS" }],
    };

    [Theory]
    [InlineData(WeakNamePolicy.Off, false, false)]
    [InlineData(WeakNamePolicy.ConfirmOnly, false, true)]
    [InlineData(WeakNamePolicy.Exact, true, true)]
    public void The_policy_of_the_list_says_whether_a_weak_alias_finds_or_only_confirms(
        WeakNamePolicy policy, bool finds, bool confirms)
    {
        var engine = Engine(policy);

        Assert.Equal(finds, engine.Search(Samples.Query("The Hammer")).Length == 1);
        var query = Samples.Query("Milivoje Zoranow");
        var bare = engine.Search(query).Single();
        var both = engine.Search(query with { OtherNames = ["hammer the"] }).Single();
        Assert.Equal(confirms, both.Score > bare.Score);
        Assert.Equal(confirms, both.Evidence.Any(field => field.Field == EvidenceField.WeakName));
        Assert.Equal(bare.Score, engine.Search(query with { OtherNames = ["The Nail"] }).Single().Score);
    }

    [Fact]
    public void An_address_that_agrees_adds_and_one_that_differs_takes_nothing_off()
    {
        var engine = Engine(WeakNamePolicy.Exact);
        var query = Samples.Query("Milivoje Zoranow");
        var bare = engine.Search(query).Single();

        var same = engine.Search(query with { Address = "Bulevar Oslobodenja 12, 21000 Novi Sad" }).Single();
        var city = engine.Search(query with { Address = "Some Street 5, Novi Sad" }).Single();
        var other = engine.Search(query with { Address = "1 High Street, London" }).Single();

        Assert.Equal(Agreement.Agree, AddressOf(same).Agreement);
        Assert.True(same.Score > bare.Score);
        Assert.Equal((Agreement.Near, bare.Score), (AddressOf(city).Agreement, city.Score));
        Assert.Equal((Agreement.Disagree, bare.Score), (AddressOf(other).Agreement, other.Score));
        Assert.Contains("Agrees: address", engine.Explain(query, same).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_typed_exactly_stays_an_alert_when_only_the_address_and_one_field_differ()
    {
        var match = Engine(WeakNamePolicy.Exact).Search(Samples.Query("Milivoj Zoranov") with
        {
            Name = "ZORANOV, Milivoj", Address = "1 High Street, London", Date = new PartialDate(1990),
        }).Single();

        Assert.True(match.Score >= ScreeningOptions.Default.Threshold);
    }

    private static Probity.Screening.Matching.Evidence AddressOf(ScreeningMatch match) =>
        match.Evidence.Single(field => field.Field == EvidenceField.Address);

    private static ScreeningEngine Engine(WeakNamePolicy policy) => ScreeningEngine.Build(
        [new ScreeningList(new ListVersion(Samples.List, null, new string('0', 64), 1), [s_entity])],
        ScreeningOptions.Default with
        {
            WeakNamePolicies = ImmutableDictionary<ListId, WeakNamePolicy>.Empty.Add(Samples.List, policy),
        });
}
