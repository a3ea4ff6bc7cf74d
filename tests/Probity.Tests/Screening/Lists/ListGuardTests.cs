using System.Collections.Immutable;
using Probity.Screening.Lists.Guard;
using Probity.Screening.Lists.Reading;
using Probity.Screening.Model;
using Xunit;

namespace Probity.Tests.Screening.Lists;

/// <summary>A list that lost something does not go live; one that changed as lists do, does.</summary>
public sealed class ListGuardTests
{
    private const string UnOld = "un_consolidated/un_consolidated_2025-11-20.xml.gz";
    private const string UnNew = "un_consolidated/un_consolidated_2026-02-27.xml.gz";

    [Fact]
    public void A_real_next_version_passes_and_the_same_one_is_unchanged()
    {
        var (old, now) = (RealLists.Read(UnOld), RealLists.Read(UnNew));

        Assert.Empty(Assert.IsType<GuardVerdict.Passed>(ListGuard.Check(now, old)).Accepted);
        Assert.IsType<GuardVerdict.Passed>(ListGuard.Check(now, null));
        Assert.IsType<GuardVerdict.Unchanged>(ListGuard.Check(now, now));
    }

    [Fact]
    public void An_older_version_is_refused()
    {
        Refused("older", RealLists.Read(UnOld), RealLists.Read(UnNew));

        // OFAC's CSV states no day: its ascending uids tell.
        Refused("older", RealLists.Read("us_ofac_sdn/2019-01"), RealLists.Read("us_ofac_sdn/2021-07"));
    }

    [Fact]
    public void Two_years_of_a_real_list_pass_but_for_the_programme_that_ended()
    {
        var (old, now) = (RealLists.Read("us_ofac_sdn/2019-01"), RealLists.Read("us_ofac_sdn/2021-07"));

        // OFAC merged SDT into SDGT in those years: somebody has to look at that, once.
        Assert.Contains(
            "\"SDT\" with 33 entries", Refused("programme_lost", now, old).Single().Text, StringComparison.Ordinal);
        var accepted = GuardOptions.Default with { Accepted = ["programme_lost"] };
        Assert.Single(Assert.IsType<GuardVerdict.Passed>(ListGuard.Check(now, old, accepted)).Accepted);
    }

    [Fact]
    public void A_set_without_its_aliases_is_refused_until_somebody_accepts_it()
    {
        var primaryOnly = RealLists.Read("us_ofac_sdn/2022-11");

        var finding = Refused("incomplete", primaryOnly, null).Single();
        Assert.Contains("alt.csv (aliases), add.csv (addresses)", finding.Text, StringComparison.Ordinal);
        var accepted = GuardOptions.Default with { Accepted = ["incomplete"] };
        var passed = Assert.IsType<GuardVerdict.Passed>(ListGuard.Check(primaryOnly, null, accepted));
        Assert.True(passed.Accepted.Single().IsAccepted);
    }

    [Fact]
    public void A_list_that_shrank_is_refused()
    {
        var old = RealLists.Read(UnOld);

        Refused("shrunk", With(old, [.. old.List.Entities.Skip(60)]), old);
        Assert.IsType<GuardVerdict.Passed>(ListGuard.Check(
            With(old, [.. old.List.Entities.Where((_, at) => at % 25 != 0)]), old));
    }

    [Fact]
    public void A_lost_programme_is_refused_even_when_the_number_stays()
    {
        var old = RealLists.Read(UnOld);
        var without = old.List.Entities.Where(entity => !entity.Programmes.Contains("GB")).ToImmutableArray();

        Assert.True(without.Length < old.List.Entities.Length);
        Assert.Contains(
            "\"GB\"", Refused("programme_lost", With(old, without), old).Single().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lost_source_list_is_refused()
    {
        var old = RealLists.Read("us_csl/2022-04");

        Refused("source_lost", With(old, [.. old.List.Entities.Where(entity => entity.Source != "CAP")]), old);
    }

    [Fact]
    public void A_lost_kind_is_refused()
    {
        var old = RealLists.Read("us_ofac_sdn/2021-07");

        Refused("kind_lost", With(old, [.. old.List.Entities.Where(entity => entity.Kind != EntityKind.Aircraft)]),
            old);
    }

    [Fact]
    public void Names_that_lost_their_script_are_refused()
    {
        var old = RealLists.Read(UnOld);
        var latin = old.List.Entities.Select(entity => entity with
        {
            Names = [.. entity.Names.Select(name => name.Script == NameScript.Latin
                ? name
                : name with { Full = new string('?', name.Full.Length), Script = NameScript.None })],
        });

        Assert.Equal(2, Refused("encoding", With(old, [.. latin]), old).Length);
    }

    [Fact]
    public void Entries_whose_dates_are_gone_are_refused()
    {
        var old = RealLists.Read(UnOld);

        var finding =
            Refused("fields_lost", With(old, [.. old.List.Entities.Select(entity => entity with { Dates = [] })]), old);
        Assert.Contains(" 0 dates, before ", finding.Single().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Exchanged_ids_are_refused()
    {
        var old = RealLists.Read(UnOld);

        Refused("replaced", With(old, [.. old.List.Entities.Select(entity => entity with { Uid = "x" + entity.Uid })]),
            old);
    }

    [Fact]
    public void Two_lists_are_not_compared() =>
        Assert.Throws<ArgumentException>(() =>
            ListGuard.Check(RealLists.Read(UnOld), RealLists.Read("us_ofac_consolidated/2019-12_csv")));

    private static ImmutableArray<GuardFinding> Refused(
        string code, ListReadResult.Accepted candidate, ListReadResult.Accepted? current)
    {
        var refused = Assert.IsType<GuardVerdict.Refused>(ListGuard.Check(candidate, current));
        ImmutableArray<GuardFinding> found = [.. refused.Findings.Where(finding => finding.Code == code)];
        return found.IsEmpty ? throw new InvalidOperationException(string.Join('\n', refused.Findings)) : found;
    }

    private static ListReadResult.Accepted With(ListReadResult.Accepted read, ImmutableArray<ListedEntity> entities) =>
        read with
        {
            List = new ScreeningList(
                read.List.Version with { Sha256 = new string('0', 64), Count = entities.Length }, entities),
        };
}
