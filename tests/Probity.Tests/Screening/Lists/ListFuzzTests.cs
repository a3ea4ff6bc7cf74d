using System.Diagnostics;
using System.Text;
using CsCheck;
using Probity.Screening.Lists;
using Probity.Screening.Lists.Reading;
using Xunit;

namespace Probity.Tests.Screening.Lists;

/// <summary>Damaged files are read or refused; nothing else comes out of a reader, and never late.</summary>
/// <remarks>
/// The seeds are real files (the first 48 KiB, closed as the format wants) and our samples. Mutations: a byte flipped,
/// a range removed, doubled or filled, two places exchanged, the end cut.
/// </remarks>
public sealed class ListFuzzTests
{
    private const int HeadBytes = 48 * 1024;

    [Theory]
    [InlineData("us_ofac_sdn/2021-07/sdn.csv.gz")]
    [InlineData("us_ofac_sdn/2023-01_resaved/sdn.csv.gz")]
    [InlineData(
        "us_ofac_consolidated/2025-01_enhanced_xml/CONS_ENHANCED.XML.gz", "</entity>", "</entities></sanctionsData>")]
    [InlineData(
        "un_consolidated/un_consolidated_2026-02-27.xml.gz", "</INDIVIDUAL>", "</INDIVIDUALS></CONSOLIDATED_LIST>")]
    [InlineData("uk_ofsi_conlist/sanctionsconlist_2018-04-13.csv.gz")]
    [InlineData("eu_fsf_sample/eu_fsf_excerpt_2018-07-04.csv")]
    [InlineData("us_csl/2022-04/consolidated.csv.gz")]
    [InlineData("us_bis_dpl/dpl_2021-07.txt")]
    [InlineData("crypto/sanctioned_addresses_XBT.txt")]
    public void A_damaged_real_file_is_read_or_refused(string path, string end = "\n", string closing = "")
    {
        var seed = Head(RealLists.Files(path).Single(), end, closing);

        Fuzz(seed, System.IO.Path.GetFileName(path).Replace(".gz", "", StringComparison.Ordinal), iterations: 120);
    }

    [Theory]
    [InlineData("eu.xml")]
    [InlineData("eu.csv")]
    [InlineData("uk.xml")]
    [InlineData("uk.csv")]
    [InlineData("ftm.json")]
    [InlineData("own.json")]
    [InlineData("own.csv")]
    public void A_damaged_sample_is_read_or_refused(string name) =>
        Fuzz(Encoding.UTF8.GetBytes(ListFormatSamples.Sample(name)), name, iterations: 400);

    [Fact]
    public void Damaged_compression_is_read_or_refused() =>
        Fuzz(ListRefusalTests.Gzip(Encoding.UTF8.GetBytes(ListFormatSamples.UkXml)), "uk.xml.gz", iterations: 300);

    private static void Fuzz(byte[] seed, string name, int iterations)
    {
        Assert.IsType<ListReadResult.Accepted>(ListFormatSamples.Read(seed, name));
        Mutated(seed).Sample(
            bytes =>
            {
                var watch = Stopwatch.StartNew();
                foreach (var source in ListReader.Find([ListFile.Of(name, bytes)]))
                {
                    Check(ListReader.Read(source));
                }

                return watch.Elapsed < TimeSpan.FromSeconds(20);
            },
            iter: iterations,
            threads: 1,
            print: bytes => $"{name}: {Convert.ToHexString(bytes.AsSpan(0, Math.Min(bytes.Length, 200)))}…");
    }

    private static void Check(ListReadResult result)
    {
        if (result is ListReadResult.Refused refused)
        {
            Assert.NotEmpty(refused.Fault.Problem);
            Assert.NotEmpty(refused.Fault.Remedy);
            return;
        }

        var read = Assert.IsType<ListReadResult.Accepted>(result);
        Assert.Equal(read.List.Version.Count, read.List.Entities.Length);
        Assert.All(read.List.Entities, entity => Assert.NotEmpty(entity.DisplayName));
    }

    private static Gen<byte[]> Mutated(byte[] seed) =>
        Gen.Select(Gen.Int[0, 6], Gen.Int[0, seed.Length - 1], Gen.Int[1, 400], Gen.Byte)
            .Array[1, 4]
            .Select(steps =>
                steps.Aggregate(seed, (bytes, step) => Step(bytes, step.Item1, step.Item2, step.Item3, step.Item4)));

    private static byte[] Step(byte[] bytes, int kind, int at, int length, byte value)
    {
        if (bytes.Length < 2)
        {
            return bytes;
        }

        var from = at % bytes.Length;
        var to = Math.Min(from + length, bytes.Length);
        var copy = (byte[])bytes.Clone();
        switch (kind)
        {
            case 0:
                copy[from] = value;
                return copy;
            case 1:
                return [.. copy[..from], .. copy[to..]];
            case 2:
                return [.. copy[..to], .. copy[from..]];
            case 3:
                copy.AsSpan(from..to).Fill(value);
                return copy;
            case 4:
                return copy[..from];
            case 5:
                (copy[from], copy[^1]) = (copy[^1], copy[from]);
                return copy;
            default:
                // The bytes that mean something to a format.
                copy[from] = "\"<>&;,\n\t\0{}[]\u001A"u8[value % 14];
                return copy;
        }
    }

    private static byte[] Head(ListFile file, string end, string closing)
    {
        using var stream = file.OpenContent(ListLimits.Default);
        var buffer = new byte[HeadBytes + (end == "\n" ? 0 : 200 * 1024)];
        var head = buffer.AsSpan(0, stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
        var last = head.LastIndexOf(Encoding.UTF8.GetBytes(end));
        return [.. head[..(last + end.Length)], .. Encoding.UTF8.GetBytes(closing)];
    }
}
