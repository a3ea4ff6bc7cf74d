using Xunit;

namespace Probity.Tests.Screening.Lists;

/// <summary>Tricky entries of every format, all fields: checked by hand against the files when they were
/// written.</summary>
public sealed class ListGoldenTests
{
    public static TheoryData<string, string> Real => Goldens("goldens_real.txt");

    [Theory]
    [MemberData(nameof(Real))]
    public void An_entry_of_a_real_list_reads_as_checked(string path, string golden) =>
        Assert.Equal(golden, EntityLines.Of(RealLists.Entity(path, golden.Split(' ')[1])).TrimEnd());

    public static TheoryData<string, string> Samples => Goldens("goldens_samples.txt");

    [Theory]
    [MemberData(nameof(Samples))]
    public void An_entry_of_a_sample_reads_as_written(string place, string golden)
    {
        var parts = place.Split(' ');
        var list = ListFormatSamples.Accepted(ListFormatSamples.Sample(parts[0]), parts[0]).List;

        Assert.Equal(golden, EntityLines.Of(list.Entities[parts[1][0] - '0']).TrimEnd());
    }

    // Sections of the file: "== place", then the lines of the entry.
    private static TheoryData<string, string> Goldens(string file)
    {
        var data = new TheoryData<string, string>();
        foreach (var section in ListFormatSamples.Sample(file).Split("== ", StringSplitOptions.RemoveEmptyEntries))
        {
            var end = section.IndexOf('\n', StringComparison.Ordinal);
            data.Add(section[..end], section[(end + 1)..].Trim());
        }

        return data;
    }

    [Fact]
    public void Dates_of_publication_are_read()
    {
        Assert.Equal(
            new DateOnly(2026, 8, 5), ListFormatSamples.Accepted(ListFormatSamples.EuXml).List.Version.PublishedOn);
        Assert.Equal(
            new DateOnly(2026, 8, 5), ListFormatSamples.Accepted(ListFormatSamples.EuCsv).List.Version.PublishedOn);
        Assert.Equal(
            new DateOnly(2026, 2, 27), ListFormatSamples.Accepted(ListFormatSamples.UkXml).List.Version.PublishedOn);
        Assert.Equal(
            new DateOnly(2026, 2, 27), ListFormatSamples.Accepted(ListFormatSamples.UkCsv).List.Version.PublishedOn);
        Assert.Equal(new DateOnly(2018, 4, 13), RealLists.Read("uk_ofsi_conlist").List.Version.PublishedOn);
        Assert.Equal(new DateOnly(2018, 7, 4), RealLists.Read("eu_fsf_sample").List.Version.PublishedOn);
        Assert.Equal(new DateOnly(2022, 4, 21), RealLists.Read("us_csl/2022-04").List.Version.PublishedOn);
    }

    [Fact]
    public void The_hash_does_not_depend_on_names_order_or_compression_of_the_files()
    {
        var files = RealLists.Files("us_ofac_sdn/2019-01").Reverse().ToList();
        var read = Probity.Screening.Lists.ListReader.Read(Probity.Screening.Lists.ListReader.Find(files).Single());

        var other = Assert.IsType<Probity.Screening.Lists.Reading.ListReadResult.Accepted>(read);
        Assert.Equal(RealLists.Read("us_ofac_sdn/2019-01").List.Version, other.List.Version);
        Assert.Matches("^[0-9a-f]{64}$", other.List.Version.Sha256);
    }
}
