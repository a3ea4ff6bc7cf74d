using System.Collections.Concurrent;
using Probity.Screening.Lists;
using Probity.Screening.Lists.Reading;
using Probity.Screening.Model;

namespace Probity.Tests.Screening.Lists;

/// <summary>Reads the real lists of the data folder in place.</summary>
internal static class RealLists
{
    private static readonly ConcurrentDictionary<string, Lazy<ListReadResult>> s_read = new(StringComparer.Ordinal);

    /// <summary>Reads the one list of a folder or file below <c>lists/</c>, or skips the running test.</summary>
    public static ListReadResult.Accepted Read(string relative) =>
        Result(relative) switch
        {
            ListReadResult.Accepted read => read,
            ListReadResult.Refused refused => throw new InvalidOperationException(refused.Fault.ToString()),
            _ => throw new InvalidOperationException("No such result."),
        };

    /// <summary>Reads the one list of a folder or file and gives what came of it.</summary>
    public static ListReadResult Result(string relative)
    {
        var files = Files(relative);
        return s_read.GetOrAdd(relative, _ => new(() => ListReader.Read(ListReader.Find(files).Single()))).Value;
    }

    /// <summary>Reads a list and finds one entry of it.</summary>
    public static ListedEntity Entity(string relative, string uid) =>
        Read(relative).List.Entities.Single(entity => entity.Uid == uid);

    /// <summary>Lists the files of a folder, or the one file.</summary>
    public static IReadOnlyList<ListFile> Files(string relative)
    {
        TestData.SkipUnlessPresent("lists/" + relative);
        var path = TestData.Path("lists/" + relative);
        string[] files = File.Exists(path)
            ? [path]
            : [.. Directory.GetFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        return [.. files.Select(file => new ListFile(file, () => File.OpenRead(file)))];
    }
}
