using Probity.Screening.Lists;
using Probity.Screening.Lists.Reading;
using Probity.Screening.Model;

namespace Probity.ScreeningQuality;

/// <summary>Reads the lists measured.</summary>
internal static class Loading
{
    /// <summary>Reads every list below a folder or file.</summary>
    public static ScreeningList[] All(string path)
    {
        var files = System.IO.File.Exists(path) ? [path] : Directory.GetFiles(path, "*", SearchOption.AllDirectories);
        return [.. ListReader.Find(files.Order(StringComparer.Ordinal).Select(Of)).Select(source =>
            ListReader.Read(source))
            .OfType<ListReadResult.Accepted>().Select(accepted => accepted.List)];
    }

    public static ScreeningList Ofac(string folder) => All(folder).Single();

    public static ScreeningList Un(string path) => All(path).Single();

    public static ScreeningList LatinOnly(ScreeningList list) => list with
    {
        Entities = [.. list.Entities.Select(entity => entity with { Names = [.. entity.Names.Where(name =>
            name.Script is NameScript.Latin or NameScript.None)] })],
    };

    private static ListFile Of(string path) => new(path, () => File.OpenRead(path));
}
