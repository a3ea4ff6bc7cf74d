using Probity.Screening.Lists.Diff;
using Probity.Screening.Model;
using Xunit;

namespace Probity.Tests.Screening.Lists;

/// <summary>Real versions of lists compared: what is new, gone, changed in what matters, and changed besides.</summary>
public sealed class ListDiffTests
{
    private const string Un2020 = "un_consolidated/un_consolidated_2020-11-30.xml.gz";
    private const string Un2025 = "un_consolidated/un_consolidated_2025-11-20.xml.gz";
    private const string Un2026 = "un_consolidated/un_consolidated_2026-02-27.xml.gz";

    [Fact]
    public void The_last_delta_of_the_UN_list_is_four_new_one_gone_and_two_footnotes()
    {
        var diff = Between(Un2025, Un2026);

        Assert.Equal(["SDi.007", "SDi.008", "SDi.009", "SDi.010"], diff.Added.Select(entity => entity.Uid));
        Assert.Equal(["IQi.074"], diff.Removed.Select(entity => entity.Uid));

        // In both entries changed in place only the web link in the comment went: nobody is to be screened anew.
        Assert.Empty(diff.Changed);
        Assert.Equal(["HTi.006", "SOi.022"], diff.FootnotesOnly);
    }

    [Fact]
    public void Five_years_of_the_UN_list_are_150_changes_and_not_900()
    {
        var diff = Between(Un2020, Un2025);

        // By DATAID 88 and 106: KPe.068 keeps its reference number and took a new DATAID.
        Assert.Equal((87, 105), (diff.Added.Length, diff.Removed.Length));
        Assert.InRange(diff.Changed.Length, 140, 160);
        var iran = diff.Changed.Single(change => change.After.Uid == "IRi.041");
        Assert.Equal(
            "identifiers -[Passport 6620505, Passport 9003213] +[Passport 6620505 (IR), Passport 9003213 (IR)]",
                Text(iran));
    }

    // The README counts rows of sdn.csv that differ in any character: 836, 655 and 10. Most differ in the notice of
    // secondary sanctions alone, which is a footnote; the sum of both is the README's number less those that differ
    // only in order or spelling of labels.
    [Theory]
    [InlineData("2019-01", "2021-07", 1858, 261, 836)]
    [InlineData("2021-07", "2022-11", 3008, 475, 655)]
    public void Deltas_of_the_primary_SDN_file_come_out(string from, string to, int added, int removed, int raw)
    {
        var diff = Between($"us_ofac_sdn/{from}/sdn.csv.gz", $"us_ofac_sdn/{to}/sdn.csv.gz");

        Assert.Equal((added, removed), (diff.Added.Length, diff.Removed.Length));
        Assert.InRange(diff.Changed.Length, 100, raw / 2);
        Assert.InRange(diff.Changed.Length + diff.FootnotesOnly.Length, raw * 95 / 100, raw);
    }

    [Fact]
    public void The_appended_rows_are_gone_from_the_re_saved_list()
    {
        var diff = Between("us_ofac_sdn/2022-11/sdn.csv.gz", "us_ofac_sdn/2023-01_resaved/sdn.csv.gz");

        Assert.Equal((362, 428), (diff.Added.Length, diff.Removed.Length));

        // 10 rows differ in sdn.csv; 58 more are those whose appended row had added its programmes.
        Assert.InRange(diff.Changed.Length, 10, 68);
    }

    [Fact]
    public void Order_case_blanks_and_footnotes_are_no_change()
    {
        var entity = RealLists.Entity(Un2026, "QDi.264");
        var same = entity with
        {
            Names = [
                .. entity.Names.Reverse()
                    .Select(name => name with { Full = "  " + name.Full.ToLowerInvariant() + " ", Label = null })],
            Addresses = [.. entity.Addresses.Reverse().Select(place => place with { Note = "seen there" })],
            Identifiers =
                [.. entity.Identifiers.Select(
                    id => id with { Value = id.Value.Replace("-", " ", StringComparison.Ordinal) })],
            Remarks = "something else",
            ListedOn = null,
        };

        Assert.Empty(ListDiff.Fields(entity, same));
        Assert.Equal(EntityFacts.Hash(entity), EntityFacts.Hash(same));
    }

    [Fact]
    public void Every_field_that_matters_is_a_change()
    {
        var entity = RealLists.Entity("us_ofac_sdn/2021-07", "29703");
        ListedEntity[] others =
        [
            entity with { Kind = EntityKind.Organisation },
            entity with { Gender = Gender.Unknown },
            entity with { Names = [.. entity.Names, new ListedName { Full = "TOSHA", Kind = NameKind.Weak }] },
            entity with { Names = [entity.Names[0] with { Full = "ANDREYEV, Anton" }] },
            entity with { Dates = [new ListedDate(DateKind.Birth, new PartialDate(1985))] },
            entity with { Identifiers = [.. entity.Identifiers.Skip(1)] },
            entity with { Countries = [] },
            entity with { Addresses = [] },
            entity with { BirthPlaces = [] },
            entity with { Programmes = ["CYBER2"] },
            entity with { Links = [new ListedLink { TargetName = "X" }] },
            entity with { Positions = ["Minister"] },
            entity with { ValidUntil = new DateOnly(2030, 1, 1) },
            entity with { Subtype = "Tanker" },
        ];

        Assert.All(others, other => Assert.Single(ListDiff.Fields(entity, other)));
        Assert.Equal(others.Length, others.Select(EntityFacts.Hash).Append(EntityFacts.Hash(entity)).Distinct()
            .Count() - 1);
    }

    [Fact]
    public void A_change_of_case_in_a_wallet_is_a_change()
    {
        // Base58 tells upper from lower case.
        var entity = RealLists.Entity("crypto", "XBT:123WBUDmSJv4GctdVEz6Qq6z8nXSKrJ4KX");
        var other =
            entity with { Identifiers =
                [entity.Identifiers[0] with { Value = entity.Identifiers[0].Value.ToLowerInvariant() }] };

        Assert.Single(ListDiff.Fields(entity, other));
    }

    [Fact]
    public void A_diff_there_and_back_is_the_same_turned_round()
    {
        var (there, back) = (Between(Un2020, Un2026), Between(Un2026, Un2020));

        Assert.Equal(there.Added.Select(entity => entity.Uid), back.Removed.Select(entity => entity.Uid));
        Assert.Equal(there.Removed.Select(entity => entity.Uid), back.Added.Select(entity => entity.Uid));
        Assert.Equal(
            there.Changed.Select(Text), back.Changed.Select(change => string.Join("; ", change.Fields.Select(field =>
            $"{field.Field} -[{string.Join(", ", field.Added)}] +[{string.Join(", ", field.Removed)}]"))));
    }

    [Fact]
    public void The_first_version_is_all_new_and_the_same_version_nothing()
    {
        var list = RealLists.Read(Un2026).List;

        Assert.Equal(1003, ListDiff.Between(null, list).Added.Length);
        Assert.True(ListDiff.Between(list, list).IsEmpty);
        Assert.Throws<ArgumentException>(() => ListDiff.Between(RealLists.Read("crypto").List, list));
    }

    private static ListDiff Between(string from, string to) =>
        ListDiff.Between(RealLists.Read(from).List, RealLists.Read(to).List);

    private static string Text(EntityChange change) => string.Join("; ", change.Fields.Select(field =>
        $"{field.Field} -[{string.Join(", ", field.Removed)}] +[{string.Join(", ", field.Added)}]"));
}
