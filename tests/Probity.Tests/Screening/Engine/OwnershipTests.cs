using Probity.Screening.Ownership;
using Xunit;

namespace Probity.Tests.Screening.Engine;

public sealed class OwnershipTests
{
    private static readonly HashSet<string> s_listed = ["A", "B"];

    [Theory]
    [InlineData(OwnershipRegime.UnitedStates, 50, OwnershipFinding.Blocked)]
    [InlineData(OwnershipRegime.UnitedStates, 49, OwnershipFinding.Flagged)]
    [InlineData(OwnershipRegime.EuropeanUnion, 50, OwnershipFinding.Flagged)]
    [InlineData(OwnershipRegime.EuropeanUnion, 51, OwnershipFinding.Blocked)]
    [InlineData(OwnershipRegime.UnitedKingdom, 51, OwnershipFinding.Blocked)]
    public void One_share_is_judged_by_the_bound_of_the_regime(OwnershipRegime regime, int percent,
        OwnershipFinding finding) =>
        Assert.Equal(finding, Judge(regime, "X", new Holding("A", "X", percent)).Finding);

    [Theory]
    [InlineData(OwnershipRegime.UnitedStates, OwnershipFinding.Blocked)]
    [InlineData(OwnershipRegime.EuropeanUnion, OwnershipFinding.Blocked)]
    [InlineData(OwnershipRegime.UnitedKingdom, OwnershipFinding.Flagged)]
    public void Shares_of_several_add_up_where_the_regime_says_so(OwnershipRegime regime, OwnershipFinding finding) =>
        Assert.Equal(finding, Judge(regime, "X", new Holding("A", "X", 26), new Holding("B", "X", 26)).Finding);

    [Fact]
    public void An_indirect_share_counts_only_through_blocked_entities()
    {
        Holding[] through = [new("A", "X", 50), new("X", "Y", 50)];
        Holding[] below = [new("A", "X", 49), new("X", "Y", 100)];

        Assert.Equal(OwnershipFinding.Blocked, Judge(OwnershipRegime.UnitedStates, "Y", through).Finding);
        Assert.Equal(OwnershipFinding.Clear, Judge(OwnershipRegime.UnitedStates, "Y", below).Finding);
    }

    [Fact]
    public void The_path_leads_from_the_listed_person_down()
    {
        var result = Judge(OwnershipRegime.UnitedStates, "Y", new Holding("A", "X", 60), new Holding("X", "Y", 75));

        Assert.Equal("A > X > Y (75 %)", Assert.Single(result.Paths).ToString());
    }

    [Fact]
    public void A_circle_of_owners_ends()
    {
        var result = Judge(
            OwnershipRegime.UnitedStates, "Y", new Holding("X", "Y", 60), new Holding("Y", "X", 60), new Holding("A",
                "X", 10));

        Assert.Equal(OwnershipFinding.Clear, result.Finding);
    }

    [Fact]
    public void A_share_above_the_whole_is_refused() =>
        Assert.Throws<ArgumentException>(() => new OwnershipGraph([new Holding("A", "X", 101)]));

    private static OwnershipResult Judge(OwnershipRegime regime, string id, params Holding[] holdings) =>
        new OwnershipGraph(holdings).Judge(s_listed, regime).Single(result => result.Id == id);
}
