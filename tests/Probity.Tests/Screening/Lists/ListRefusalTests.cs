using System.IO.Compression;
using System.Text;
using Probity.Screening.Lists;
using Probity.Screening.Lists.Reading;
using Xunit;

namespace Probity.Tests.Screening.Lists;

/// <summary>What is no whole, sound list is refused, saying file, line, field and what to do.</summary>
public sealed class ListRefusalTests
{
    [Fact]
    public void The_re_encoded_UN_list_is_refused_at_its_first_bad_line()
    {
        var result = RealLists.Result("malformed");

        var fault = Assert.IsType<ListReadResult.Refused>(result).Fault;
        Assert.Equal(ListFaultKind.Encoding, fault.Kind);
        Assert.Equal(54, fault.Line);
        Assert.EndsWith("un_consolidated_2025-08-16_reencoded_cp1252.xml.gz", fault.File, StringComparison.Ordinal);
        Assert.Contains("re-saved", fault.Problem, StringComparison.Ordinal);
        Assert.Contains("Download", fault.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("us_ofac_sdn/2025-02_partial")]
    [InlineData("us_ofac_sdn/2025-12_partial")]
    public void A_partial_set_is_refused_naming_the_missing_file(string path)
    {
        var fault = Assert.IsType<ListReadResult.Refused>(RealLists.Result(path)).Fault;

        Assert.Equal(ListFaultKind.MissingPart, fault.Kind);
        Assert.Contains("the primary file sdn.csv is missing", fault.Problem, StringComparison.Ordinal);
        Assert.Contains("Download sdn.csv", fault.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_set_with_parts_of_another_day_is_refused()
    {
        var files = RealLists.Files("us_ofac_sdn/2019-01/sdn.csv.gz")
            .Concat(RealLists.Files("us_ofac_sdn/2021-07/alt.csv.gz"))
            .Select(file => ListFile.Of(file.PlainName, Bytes(file)));

        var fault = Assert.IsType<ListReadResult.Refused>(ListReader.Read(ListReader.Find(files).Single())).Fault;

        Assert.Equal(("ent_num", ListFaultKind.MissingPart), (fault.Field, fault.Kind));
        Assert.Contains("different days", fault.Remedy, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, ListFaultKind, string> Faults => new()
    {
        { "dtd.xml", "<!DOCTYPE x [<!ENTITY a \"b\">]><CONSOLIDATED_LIST><ENTITIES/></CONSOLIDATED_LIST>",
            ListFaultKind.Forbidden, "DTD" },
        { "outside.xml", "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><export><sanctionEntity/></export>",
            ListFaultKind.Forbidden, "DTD" },
        { "entity.xml", "<Designations><Designation><UniqueID>&x;</UniqueID></Designation></Designations>",
            ListFaultKind.Structure, "broken" },
        { "utf16.xml", "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Designations/>", ListFaultKind.Encoding, "UTF-8" },
        { "cp1252.xml", "<?xml version=\"1.0\" encoding='windows-1252'?><Designations/>", ListFaultKind.Encoding,
            "UTF-8" },
        { "cut.xml", "<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><REFERENCE_NUMBER>QDi.1", ListFaultKind.Structure,
            "broken" },
        { "empty.xml", "<CONSOLIDATED_LIST><INDIVIDUALS/></CONSOLIDATED_LIST>", ListFaultKind.Truncated, "no entries" },
        { "twice.xml",
            "<CONSOLIDATED_LIST><ENTITY><REFERENCE_NUMBER>A</REFERENCE_NUMBER><FIRST_NAME>X</FIRST_NAME></ENTITY>"
            + "<ENTITY><REFERENCE_NUMBER>A</REFERENCE_NUMBER><FIRST_NAME>Y</FIRST_NAME></ENTITY></CONSOLIDATED_LIST>",
            ListFaultKind.Structure, "occurs twice" },
        { "nameless.xml",
            "<CONSOLIDATED_LIST><ENTITY><REFERENCE_NUMBER>A</REFERENCE_NUMBER></ENTITY></CONSOLIDATED_LIST>",
            ListFaultKind.Structure, "no name" },
        { "login.html", "<!DOCTYPE html><html><body>Please sign in</body></html>", ListFaultKind.UnknownFormat,
            "web page" },
        { "sdn.xml", "<?xml version=\"1.0\"?><sdnList><sdnEntry/></sdnList>", ListFaultKind.UnknownFormat,
            "older format" },
        { "notes.txt", "Dear colleague,\nplease find the list below.", ListFaultKind.UnknownFormat, "first line" },
        { "nothing.csv", "", ListFaultKind.UnknownFormat, "empty" },
        { "own.json", "{\"entries\": [{\"id\": \"1\", \"name\": \"A\"", ListFaultKind.Structure, "JSON" },
        { "urgent.json", "{\"list\":\"urgent\",\"entries\":[{\"id\":\"1\",\"name\":\"A B\"}]}",
            ListFaultKind.Structure, "source" },
        { "mixed.csv", "id,list,name\n1,deny,A\n2,watch,B\n", ListFaultKind.Structure, "mixes" },
        { "dob.csv", "id,name,dob\n1,Ann Example,the day before\n", ListFaultKind.Structure, "YYYY" },
        { "ofac.csv", "36,\"AERO\",-0- ,\"CUBA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n37,\"HALF\",-0- \n",
            ListFaultKind.Structure, "fields where 12" },
        { "quote.csv", "36,\"AERO\",-0- ,\"CUBA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n37,\"HALF,-0- ,-0- \n",
            ListFaultKind.Truncated, "does not end" },
        { "csl.csv", "_id,source,alt_names,name\n1,X (SDN),,A\n", ListFaultKind.Structure, "missing" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_faulty_file_is_refused_with_the_reason(string name, string text, ListFaultKind kind, string words)
    {
        var fault = Assert.IsType<ListReadResult.Refused>(ListFormatSamples.Read(text, name)).Fault;

        Assert.Equal(kind, fault.Kind);
        Assert.Contains(words, fault.Problem, StringComparison.Ordinal);
        Assert.Equal(name, fault.File);
        Assert.NotEmpty(fault.Remedy);
    }

    [Fact]
    public void A_fault_names_the_line_and_the_field()
    {
        var fault = Assert.IsType<ListReadResult.Refused>(
            ListFormatSamples.Read(
                "id,name,valid_until\n1,\"Ann\nExample\",2027-01-01\n2,Bob,soon\n", "own.csv")).Fault;

        Assert.Equal("own.csv:4 [valid_until]: The date is not YYYY-MM-DD. Correct the file or download it again.",
            fault.ToString());
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused_at_their_line()
    {
        byte[] text =
            [.. "Last Updated,13/04/2018\nName 6,Name 1,Group ID,Alias Type,Regime,Group Type\nA\u0000"u8, 0x81,
                .. ",B,1,,X,\n"u8];

        var fault = Assert.IsType<ListReadResult.Refused>(ListFormatSamples.Read(text, "uk.csv")).Fault;

        Assert.Equal((ListFaultKind.Encoding, 3L), (fault.Kind, fault.Line));
    }

    [Fact]
    public void A_gzip_bomb_is_refused()
    {
        var bomb = new MemoryStream();
        using (var gzip = new GZipStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(new byte[64 * 1024 * 1024]);
        }

        var fault = Assert.IsType<ListReadResult.Refused>(ListFormatSamples.Read(bomb.ToArray(), "list.xml.gz")).Fault;

        Assert.Equal(ListFaultKind.TooLarge, fault.Kind);
    }

    [Fact]
    public void A_file_over_the_limit_is_refused()
    {
        var limits = ListLimits.Default with { FileBytes = 500 };

        var fault = Assert.IsType<ListReadResult.Refused>(
            ListFormatSamples.Read(Encoding.UTF8.GetBytes(ListFormatSamples.EuXml), "eu.xml", limits)).Fault;

        Assert.Equal(ListFaultKind.TooLarge, fault.Kind);
    }

    [Fact]
    public void A_damaged_gzip_is_refused()
    {
        var whole = Gzip(Encoding.UTF8.GetBytes(ListFormatSamples.EuXml));
        whole[whole.Length / 2] ^= 0x55;

        Assert.IsType<ListReadResult.Refused>(ListFormatSamples.Read(whole, "eu.xml.gz"));
    }

    [Fact]
    public void A_zip_gives_its_lists_and_a_path_out_of_it_is_refused()
    {
        var good = Zip(("lists/eu.xml", Encoding.UTF8.GetBytes(ListFormatSamples.EuXml)));
        var slip = Zip(("../../etc/eu.xml", Encoding.UTF8.GetBytes(ListFormatSamples.EuXml)));

        var read = Assert.IsType<ListReadResult.Accepted>(ListFormatSamples.Read(good, "eu.zip"));
        Assert.Equal(2, read.List.Entities.Length);
        Assert.Equal(
            ListFaultKind.Forbidden,
                Assert.IsType<ListReadResult.Refused>(ListFormatSamples.Read(slip, "eu.zip")).Fault.Kind);
    }

    [Fact]
    public void A_zip_bomb_and_a_zip_of_many_files_are_refused()
    {
        var bomb = Zip(("a.xml", new byte[64 * 1024 * 1024]));
        var many = Zip([.. Enumerable.Range(0, 100).Select(number => ($"{number}.xml", "<a/>"u8.ToArray()))]);

        Assert.All([bomb, many], zip => Assert.Equal(
            ListFaultKind.TooLarge,
                Assert.IsType<ListReadResult.Refused>(ListFormatSamples.Read(zip, "x.zip")).Fault.Kind));
    }

    [Fact]
    public void A_deep_document_is_refused()
    {
        var deep = "<CONSOLIDATED_LIST><ENTITY>" + string.Concat(Enumerable.Repeat("<a>", 200))
            + string.Concat(Enumerable.Repeat("</a>", 200)) + "</ENTITY></CONSOLIDATED_LIST>";

        var fault = Assert.IsType<ListReadResult.Refused>(ListFormatSamples.Read(deep, "deep.xml")).Fault;

        Assert.Equal(ListFaultKind.TooLarge, fault.Kind);
    }

    internal static byte[] Gzip(byte[] bytes)
    {
        var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return stream.ToArray();
    }

    private static byte[] Zip(params (string Name, byte[] Bytes)[] files)
    {
        var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in files)
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.SmallestSize).Open();
                entry.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    private static byte[] Bytes(ListFile file)
    {
        using var stream = file.OpenContent(ListLimits.Default);
        var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
