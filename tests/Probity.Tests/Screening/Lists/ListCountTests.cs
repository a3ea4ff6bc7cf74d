using Probity.Screening.Model;
using Xunit;

namespace Probity.Tests.Screening.Lists;

/// <summary>Every real list loads, with the counts that the README of the data folder states.</summary>
public sealed class ListCountTests
{
    [Theory]
    [InlineData("us_ofac_sdn/2019-01", "us_ofac_sdn", 7379, "Person 3845, Organisation 2994, Vessel 323, Aircraft 217")]
    [InlineData("us_ofac_sdn/2021-07", "us_ofac_sdn", 8976, "Person 4620, Organisation 3673, Vessel 406, Aircraft 277")]
    [InlineData("us_ofac_sdn/2022-11", "us_ofac_sdn", 11509, "")]
    [InlineData("us_ofac_sdn/2023-01_resaved", "us_ofac_sdn", 11443,
        "Person 5890, Organisation 4575, Vessel 685, Aircraft 293")]
    [InlineData("us_ofac_consolidated/2019-12_csv", "us_ofac_cons", 442, "")]
    [InlineData("us_ofac_consolidated/2025-01_enhanced_xml", "us_ofac_cons", 443, "")]
    [InlineData("us_csl/2022-04", "us_csl", 14160, "")]
    [InlineData("us_bis_dpl/dpl_2019-06.txt", "us_bis_dpl", 546, "Unknown 546")]
    [InlineData("us_bis_dpl/dpl_2021-07.txt", "us_bis_dpl", 581, "Unknown 581")]
    [InlineData("un_consolidated/un_consolidated_2020-11-30.xml.gz", "un_sc", 1018, "Person 713, Organisation 305")]
    [InlineData("un_consolidated/un_consolidated_2025-11-20.xml.gz", "un_sc", 1000, "Person 727, Organisation 273")]
    [InlineData("un_consolidated/un_consolidated_2026-02-27.xml.gz", "un_sc", 1003, "Person 730, Organisation 273")]
    [InlineData("uk_ofsi_conlist", "uk_ofsi", 2106, "")]
    [InlineData("eu_fsf_sample", "eu_fsf", 93, "")]
    [InlineData("crypto", "wallets", 654, "Wallet 654")]
    public void A_list_has_the_entities_that_were_counted(string path, string list, int count, string kinds)
    {
        var read = RealLists.Read(path);

        Assert.Equal(new ListId(list), read.List.Version.List);
        Assert.Equal(count, read.List.Version.Count);
        Assert.Equal(count, read.List.Entities.Length);
        Assert.Equal(count, read.List.Entities.Select(entity => entity.Uid).Distinct(StringComparer.Ordinal).Count());
        if (kinds.Length != 0)
        {
            Assert.Equal(kinds, string.Join(", ", read.Report.Kinds.Select(kind => $"{kind.Key} {kind.Value}")));
        }
    }

    // The README counts one address more for 2023-01: the row in which the spreadsheet saved OFAC's closing 0x1A.
    [Theory]
    [InlineData("us_ofac_sdn/2019-01", "primary 7379, alt 9682, add 11696, comments 3")]
    [InlineData("us_ofac_sdn/2021-07", "primary 8976, alt 11910, add 13837, comments 5")]
    [InlineData("us_ofac_sdn/2022-11", "primary 11567")]
    [InlineData("us_ofac_sdn/2023-01_resaved", "primary 11443, add 16357")]
    [InlineData("us_ofac_consolidated/2019-12_csv", "primary 442, alt 1073, add 574, comments 10")]
    [InlineData("uk_ofsi_conlist", "list 9487")]
    [InlineData("eu_fsf_sample", "list 999")]
    public void A_file_has_the_rows_that_were_counted(string path, string rows)
    {
        var report = RealLists.Read(path).Report;
        string[] order = ["primary", "alt", "add", "comments", "list"];

        Assert.Equal(rows, string.Join(", ", report.Parts
            .OrderBy(part => Array.IndexOf(order, part.Role)).Select(part => $"{part.Role} {part.Rows}")));
    }

    [Fact]
    public void The_US_consolidated_list_keeps_its_thirteen_sources_apart()
    {
        var read = RealLists.Read("us_csl/2022-04");

        Assert.Equal(
            "SDN 10026, EL 2001, DTC 727, DPL 462, SSI 290, UVL 201, ISN 163, PLC 78, MEU 71, CMIC 68, CAP 53, "
            + "NS-MBS List 17, FSE 3",
            string.Join(", ", read.List.Entities.CountBy(entity => entity.Source ?? "")
                .OrderByDescending(source => source.Value).Select(source => $"{source.Key} {source.Value}")));
    }

    [Fact]
    public void Wallets_are_counted_by_currency()
    {
        var parts = RealLists.Read("crypto").Report.Parts.ToDictionary(part => part.Role, part => part.Rows);

        Assert.Equal(17, parts.Count);
        Assert.Equal((435, 152, 26, 10, 7, 6),
            (parts["XBT"], parts["ETH"], parts["USDT"], parts["LTC"], parts["BCH"], parts["TRX"]));
    }

    [Fact]
    public void The_newest_UN_list_has_377_names_in_their_own_script_besides_one_that_repeats_the_name()
    {
        var read = RealLists.Read("un_consolidated/un_consolidated_2026-02-27.xml.gz");
        var names = read.List.Entities.SelectMany(entity => entity.Names)
            .Where(name => name.Label == "original script");

        // 378 elements; that of QDe.164 holds the primary name in Latin letters once more.
        Assert.Equal(377, names.Count());
        Assert.Equal(NameKind.Primary, read.List.Entities.Single(entity => entity.Uid == "QDe.164").Names[0].Kind);
        Assert.Equal(new DateOnly(2026, 2, 27), read.List.Version.PublishedOn);
    }

    [Fact]
    public void Rows_of_an_appended_list_are_merged_and_counted()
    {
        var report = RealLists.Read("us_ofac_sdn/2022-11").Report;

        Assert.Equal(58, report.MergedRows);
        Assert.Equal(["alt", "add", "comments"], report.MissingParts);
    }
}
