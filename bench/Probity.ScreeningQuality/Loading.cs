using Probity.Screening.Lists;
using Probity.Screening.Lists.Formats;
using Probity.Screening.Lists.Reading;
using Probity.Screening.Model;
using System.IO.Compression;

namespace Probity.ScreeningQuality;

/// <summary>Reads the lists measured.</summary>
internal static class Loading
{
    public static ScreeningList Ofac(string folder)
    {
        var files = new Dictionary<OfacRole, ListFile>
        {
            [OfacRole.Primary] = File(folder + "/sdn.csv.gz"), [OfacRole.Alt] = File(folder + "/alt.csv.gz"),
            [OfacRole.Add] = File(folder + "/add.csv.gz"), [OfacRole.Comments] = File(folder + "/sdn_comments.csv"),
        };
        return OfacCsv.Read(files, ListLimits.Default).List;
    }

    public static ScreeningList Un(string path) => UnXml.Read(File(path), ListLimits.Default).List;

    public static ScreeningList LatinOnly(ScreeningList list) => list with
    {
        Entities = [.. list.Entities.Select(entity => entity with { Names = [.. entity.Names.Where(name => name.Script is NameScript.Latin or NameScript.None)] })],
    };

    private static ListFile File(string path)
    {
        var bytes = System.IO.File.ReadAllBytes(path);
        if (path.EndsWith(".gz", StringComparison.Ordinal))
        {
            using var memory = new MemoryStream();
            using (var zip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress))
            {
                zip.CopyTo(memory);
            }

            bytes = memory.ToArray();
        }

        return ListFile.Of(path, bytes);
    }
}
