using System.Text.Json;
using Microsoft.Extensions.FileSystemGlobbing;
using Microsoft.Extensions.FileSystemGlobbing.Abstractions;
using Probity.Server.AuditTrail.Import.Formats;
using Probity.Server.AuditTrail.Import.Reading;

namespace Probity.Server.AuditTrail.Import;

/// <summary>One file of an import: read as a format, or skipped for a reason.</summary>
internal sealed record PlannedFile(string Path, long Bytes, IEventFormat? Format, string? SkipReason)
{
    /// <summary>Gets whether the file looks like a log but cannot be read, so that skipping it is no success.</summary>
    public bool IsUnreadable { get; init; }
}

/// <summary>Which files an import reads, in which order and as what.</summary>
/// <param name="Files">Every file found, skipped ones too; paths in the order given, files below one in ordinal order.</param>
/// <param name="Missing">Paths and patterns that name nothing.</param>
internal sealed record ImportPlan(IReadOnlyList<PlannedFile> Files, IReadOnlyList<string> Missing)
{
    /// <summary>How many events of a file are looked at before it is given up as unknown.</summary>
    private const int EventsLookedAt = 20;

    private static readonly string[] AllWrapperMembers =
        [.. ImportFormats.All.SelectMany(format => format.WrapperMembers).Distinct(StringComparer.Ordinal)];

    /// <summary>Expands files, directories (with all below) and patterns (<c>*</c>, <c>?</c>, <c>**</c>).</summary>
    /// <param name="paths">What the caller named.</param>
    /// <param name="forced">The format of every file; null lets the content of each decide.</param>
    /// <param name="cancellationToken">Stops the look at the files.</param>
    public static async Task<ImportPlan> MakeAsync(
        IReadOnlyList<string> paths, IEventFormat? forced, CancellationToken cancellationToken)
    {
        var files = new List<PlannedFile>();
        var missing = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            var found = Expand(path);
            if (found.Count == 0)
            {
                missing.Add(path);
            }

            foreach (var file in found.Where(file => seen.Add(Path.GetFullPath(file))))
            {
                files.Add(await LookAtAsync(file, forced, named: file == path, cancellationToken));
            }
        }

        return new ImportPlan(files, missing);
    }

    private static List<string> Expand(string path)
    {
        if (File.Exists(path))
        {
            return [path];
        }

        if (Directory.Exists(path))
        {
            return [.. Below(path).Order(StringComparer.Ordinal)];
        }

        return path.AsSpan().ContainsAny('*', '?') ? Matching(path) : [];
    }

    /// <summary>All files below a directory; linked directories are not entered, they may lead back.</summary>
    private static IEnumerable<string> Below(string directory)
    {
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = false,
            AttributesToSkip = 0,
            IgnoreInaccessible = false,
        };
        foreach (var file in Directory.EnumerateFiles(directory, "*", options))
        {
            yield return file;
        }

        foreach (var inner in Directory.EnumerateDirectories(directory, "*", options))
        {
            if (new DirectoryInfo(inner).LinkTarget is null)
            {
                foreach (var file in Below(inner))
                {
                    yield return file;
                }
            }
        }
    }

    private static List<string> Matching(string pattern)
    {
        var slashed = pattern.Replace(Path.DirectorySeparatorChar, '/');
        var root = slashed[..(slashed.AsSpan(0, slashed.AsSpan().IndexOfAny('*', '?')).LastIndexOf('/') + 1)];
        var folder = root.Length == 0 ? "." : root;
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var rest = slashed[root.Length..];
        return rest.Contains('?', StringComparison.Ordinal)
            ? ByName(folder, root, rest)
            : [.. new Matcher(StringComparison.Ordinal).AddInclude(rest)
                .Execute(new DirectoryInfoWrapper(new DirectoryInfo(folder)))
                .Files.Select(file => root + file.Path).Order(StringComparer.Ordinal)];
    }

    /// <summary>The matcher has no <c>?</c>; a pattern with one may use wildcards in the file name alone.</summary>
    private static List<string> ByName(string folder, string root, string namePattern)
        => namePattern.Contains('/', StringComparison.Ordinal)
            ? []
            : [.. Directory.EnumerateFiles(folder, namePattern)
                .Select(file => root + Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    private static async Task<PlannedFile> LookAtAsync(
        string path, IEventFormat? forced, bool named, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = new FileInfo(path).Length;
            await using var source = SourceFile.Open(path);
            var found = await FindFormatAsync(new PlannedFile(path, bytes, null, null), source, forced, cancellationToken);

            // Who names both file and format means it: then each line that is no event is refused by its number.
            return found.IsUnreadable && named && forced is not null
                ? found with { Format = forced, SkipReason = null, IsUnreadable = false }
                : found;
        }
        catch (Exception wrong) when (IsUnreadable(wrong))
        {
            return new PlannedFile(path, 0, null, $"cannot be read: {wrong.Message}") { IsUnreadable = true };
        }
    }

    /// <summary>Says whether an exception means that a file, not the program, is at fault.</summary>
    internal static bool IsUnreadable(Exception wrong)
        => wrong is IOException or UnauthorizedAccessException or InvalidDataException or ZstdSharp.ZstdException;

    private static async Task<PlannedFile> FindFormatAsync(
        PlannedFile file, SourceStream source, IEventFormat? forced, CancellationToken cancellationToken)
    {
        var (looked, broken) = (0, false);
        await foreach (var slice in JsonSlicer.ReadAsync(source.Content, AllWrapperMembers, cancellationToken))
        {
            var (format, skip) = Judge(slice, forced);
            if (format is not null || skip is not null)
            {
                return file with { Format = format, SkipReason = skip };
            }

            broken |= slice.Refusal is not null || slice.Text.Span[0] == (byte)'{';
            if (++looked == EventsLookedAt)
            {
                break;
            }
        }

        var reason = looked == 0
            ? "holds no events"
            : $"no known audit log: none of its first {looked} lines is an event of a known format";
        return file with { SkipReason = reason, IsUnreadable = broken };
    }

    private static (IEventFormat? Format, string? Skip) Judge(JsonSlice slice, IEventFormat? forced)
    {
        if (slice.Refusal is not null)
        {
            return (null, null);
        }

        try
        {
            using var document = JsonDocument.Parse(slice.Text);
            if (document.RootElement.Text("digestStartTime") is not null)
            {
                return (null, "a CloudTrail digest, not events: check it with the aws tool, it proves the log files");
            }

            var recognised = ImportFormats.Recognising(document.RootElement);

            // Who names a format means it: then any object is an event of it, and what is missing is refused by name.
            return (document.RootElement.ValueKind == JsonValueKind.Object ? forced ?? recognised : null, null);
        }
        catch (JsonException)
        {
            return (null, null);
        }
    }
}
