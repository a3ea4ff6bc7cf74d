using System.Collections.Immutable;
using Probity.Screening.Lists.Formats;
using Probity.Screening.Lists.Reading;

namespace Probity.Screening.Lists;

/// <summary>Finds the lists among files and reads them.</summary>
/// <remarks>
/// Pure: opens nothing but the streams it is given. Formats are recognised by content, gzip and ZIP are opened. A file
/// is read as a whole or refused as a whole; nothing of a refused file is used. Safe for use from several threads on
/// different files.
/// </remarks>
public static class ListReader
{
    private const int SampleUids = 400;

    /// <summary>Puts files together to lists: the parts of an OFAC set, the currencies of a list of wallets.</summary>
    /// <param name="files">The files; parts of a set are looked for in the same folder only.</param>
    /// <param name="limits">The bounds, or null for the default.</param>
    /// <returns>One source per list, in the order of the files; a file that is no list has a fault.</returns>
    public static IReadOnlyList<ListSource> Find(IEnumerable<ListFile> files, ListLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(files);
        var bounds = limits ?? ListLimits.Default;
        var sources = new List<ListSource>();
        var found = new List<(ListFile File, Recognised Kind)>();
        foreach (var file in files.SelectMany(file => Opened(file, bounds, sources)))
        {
            try
            {
                found.Add((file, ListRecogniser.Find(file, bounds)));
            }
            catch (ListFormatException refused)
            {
                sources.Add(new ListSource(refused.Fault, [file]));
            }
        }

        foreach (var folder in found.GroupBy(item => item.File.Folder, StringComparer.Ordinal))
        {
            sources.AddRange(Folder([.. folder], bounds));
        }

        return sources;
    }

    /// <summary>Reads one list.</summary>
    /// <param name="source">A source made by <see cref="Find"/>.</param>
    /// <param name="limits">The bounds, or null for the default.</param>
    public static ListReadResult Read(ListSource source, ListLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Fault is { } fault)
        {
            return new ListReadResult.Refused(fault);
        }

        try
        {
            return source.Read(limits ?? ListLimits.Default);
        }
        catch (ListFormatException refused)
        {
            return new ListReadResult.Refused(refused.Fault);
        }
    }

    // An archive gives its files; one that cannot be opened, or holds no file, is a source with a fault.
    private static IReadOnlyList<ListFile> Opened(ListFile file, ListLimits limits, List<ListSource> sources)
    {
        try
        {
            return file.IsZip() ? ListArchive.Files(file.Name, file.OpenRaw, limits) : [file];
        }
        catch (ListFormatException refused)
        {
            sources.Add(new ListSource(refused.Fault, [file]));
            return [];
        }
    }

    private static IEnumerable<ListSource> Folder(
        IReadOnlyList<(ListFile File, Recognised Kind)> files, ListLimits limits)
    {
        var wallets = files.Where(item => item.Kind.Format == ListFormat.WalletLines).ToList();
        if (wallets.Count != 0)
        {
            yield return new ListSource(ListFormat.WalletLines, [.. wallets.Select(item => item.File)]);
        }

        foreach (var source in OfacSets([.. files.Where(item => item.Kind.OfacRole is not null)], limits))
        {
            yield return source;
        }

        foreach (var (file, kind) in files)
        {
            if (kind.Format is not (ListFormat.WalletLines or ListFormat.OfacCsv))
            {
                yield return new ListSource(kind.Format, [file]);
            }
        }
    }

    // SDN and Consolidated may lie in one folder: a part belongs to the primary file that knows most of its uids.
    private static IReadOnlyList<ListSource> OfacSets(
        IReadOnlyList<(ListFile File, Recognised Kind)> files, ListLimits limits)
    {
        var primaries = files.Where(item => item.Kind.OfacRole == OfacRole.Primary).Select(item => item.File).ToList();
        var parts = files.Where(item => item.Kind.OfacRole != OfacRole.Primary).ToList();
        if (primaries.Count == 0)
        {
            return parts.Count == 0 ? [] : [Missing([.. parts.Select(part => part.File)])];
        }

        try
        {
            return Sets(primaries, parts, limits);
        }
        catch (ListFormatException refused)
        {
            return [new ListSource(refused.Fault, [.. files.Select(item => item.File)])];
        }
    }

    private static IReadOnlyList<ListSource> Sets(
        List<ListFile> primaries, List<(ListFile File, Recognised Kind)> parts, ListLimits limits)
    {
        var sets = primaries
            .Select(file => (Uids: primaries.Count == 1 ? [] : OfacCsv.Uids(file, limits, int.MaxValue),
                Parts: ImmutableDictionary<OfacRole, ListFile>.Empty.Add(OfacRole.Primary, file)))
            .ToList();
        foreach (var (file, kind) in parts)
        {
            var role = kind.OfacRole ?? throw new InvalidOperationException("An OFAC file has a part.");
            var sample = sets.Count == 1 ? [] : OfacCsv.Uids(file, limits, SampleUids);
            var best = sets.Count == 1 ? 0 : Enumerable.Range(0, sets.Count)
                .MaxBy(at => sample.Count(sets[at].Uids.Contains));
            if (sets[best].Parts.ContainsKey(role))
            {
                throw new ListFormatException(new ListFault(ListFaultKind.Structure, file.Name, null, null,
                    $"The folder holds two files that are the part \"{OfacCsv.RoleName(role)}\" of one list.",
                    "Keep the files of each day in a folder of their own."));
            }

            sets[best] = (sets[best].Uids, sets[best].Parts.Add(role, file));
        }

        return [.. sets.Select(set => new ListSource(set.Parts))];
    }

    private static ListSource Missing(ImmutableArray<ListFile> files)
    {
        var isConsolidated = files.Any(file => file.PlainName.StartsWith("cons", StringComparison.OrdinalIgnoreCase));
        var name = isConsolidated ? "cons_prim.csv" : "sdn.csv";
        var folder = files[0].Folder is { Length: > 0 } path ? path : files[0].Name;
        return new ListSource(new ListFault(ListFaultKind.MissingPart, folder, null, null,
            $"The set is partial: the primary file {name} is missing (there are "
                + string.Join(", ", files.Select(file => file.PlainName)) + ").",
            $"Download {name} of the same day into the folder."), files);
    }
}
