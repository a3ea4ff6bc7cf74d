using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Probity.Screening.Lists;
using Probity.Screening.Lists.Reading;
using Probity.Screening.Matching;
using Probity.Screening.Model;
using Probity.Server.Hosting.Cli;
using Probity.Server.Hosting.Tables;

namespace Probity.Server.Screening.Batch;

/// <summary>
/// <c>probity screen --lists DIR --in queries.csv --out results.csv</c>: screens a table against lists, without a
/// server. All rows are read and checked before the first is screened; every row is screened or the run is refused.
/// </summary>
internal static class ScreenBody
{
    /// <summary>The most rows of one table.</summary>
    public const int MaxRows = 5_000_000;

    private const int Chunk = 2_000;

    private static readonly string[] s_header =
        ["id", "rank", "list", "entity_uid", "matched_name", "score", "name_score", "verdict", "explanation"];

    public static Task<int> RunAsync(ScreenRequest request, TextWriter progress, CancellationToken cancellationToken) =>
        Task.FromResult(Run(request, progress, cancellationToken));

    private static int Run(ScreenRequest request, TextWriter progress, CancellationToken cancellationToken)
    {
        var (lists, refused) = ReadLists(request.Lists, progress);
        var queries = ReadQueries(request.Queries, progress);
        var engine = ScreeningEngine.Build(lists);
        progress.WriteLine(FormattableString.Invariant(
            $"{lists.Length} lists, {engine.NameCount} names; {queries.Count} queries"));
        using var output = new CsvOutput(request.Results, s_header);
        Screen(engine, queries, request.Threshold, output, progress, cancellationToken);
        output.Complete();
        if (refused != 0)
        {
            progress.WriteLine(FormattableString.Invariant(
                $"probity: {refused} lists were refused and not searched\n    fix:  replace them, or take them out of {request.Lists}"));
        }

        return refused == 0 ? ExitCode.Done : ExitCode.CannotTell;
    }

    /// <summary>Reads every list in a folder or file, and counts those refused: the run then ends with 2.</summary>
    internal static (ScreeningList[] Lists, int Refused) ReadLists(string path, TextWriter progress)
    {
        var lists = new List<ScreeningList>();
        var count = 0;
        foreach (var source in ListReader.Find(Files(path)))
        {
            switch (ListReader.Read(source))
            {
                case ListReadResult.Accepted accepted:
                    lists.Add(accepted.List);
                    progress.WriteLine(FormattableString.Invariant(
                        $"{accepted.List.Version.List} {accepted.List.Version.Count} entities, sha256 {accepted.List.Version.Sha256}"));
                    break;
                case ListReadResult.Refused refused when refused.Fault.Kind == ListFaultKind.UnknownFormat:
                    progress.WriteLine($"left out: {refused.Fault}");
                    break;
                case ListReadResult.Refused refused:
                    count++;
                    progress.WriteLine($"REFUSED {refused.Fault}");
                    break;
                default:
                    throw new InvalidOperationException("No such result.");
            }
        }

        return lists.Count != 0 ? ([.. lists], count)
            : throw new ExpectedFaultException($"{path} holds no list.",
                "Name a folder with lists as their publishers offer them.");
    }

    private static IEnumerable<ListFile> Files(string path)
    {
        var files = File.Exists(path) ? [path]
            : Directory.Exists(path) ? Directory.GetFiles(path, "*", SearchOption.AllDirectories)
            : throw new ExpectedFaultException($"{path} is neither a folder nor a file.", "Correct --lists.");
        return files.Order(StringComparer.Ordinal).Select(file => new ListFile(file, () => File.OpenRead(file)));
    }

    private static List<(string Id, ScreeningQuery Query)> ReadQueries(string path, TextWriter progress)
    {
        using var rows = CsvRows.Open(path, "id");
        if (!rows.Has("name") && !rows.Has("identifier"))
        {
            throw rows.Fault(1, "there is neither a column \"name\" nor \"identifier\"",
                "Add one of them to the header.");
        }

        var queries = new List<(string, ScreeningQuery)>();
        foreach (var row in rows.Read())
        {
            if (queries.Count == MaxRows)
            {
                throw rows.Fault(row.Line, $"there are more than {MaxRows} rows", "Split the file.");
            }

            queries.Add((rows.Cell(row, "id"), QueryOf(rows, row, progress)));
        }

        return queries;
    }

    private static ScreeningQuery QueryOf(CsvRows rows, CsvRow row, TextWriter progress)
    {
        var (name, identifier) = (rows.Cell(row, "name"), rows.Cell(row, "identifier"));
        if (name.Length == 0 && identifier.Length == 0)
        {
            throw rows.Fault(row.Line, "neither a name nor an identifier is given",
                "Fill in one of them, or take the row out.");
        }

        if (!QueryCells.TryKind(rows.Cell(row, "type"), out var kind))
        {
            throw rows.Fault(
                row.Line, $"\"{rows.Cell(row, "type")}\" is no type",
                    "Use person, organization, vessel, aircraft or any.");
        }

        var (dob, country, ignored) = (rows.Cell(row, "dob"), rows.Cell(row, "country"), rows.Cell(row,
            "ignore_listed_name"));
        var query = new ScreeningQuery
        {
            Name = name,
            Kind = kind,
            Date = QueryCells.Date(dob),
            Countries = QueryCells.Countries(country),
            Identifiers = QueryCells.Parts(identifier),
            IgnoreListedName = ignored.Length == 0 ? null : ignored,
        };
        Warn(dob.Length != 0 && query.Date is null,
            "dob is no date; screened without it (use YYYY, YYYY-MM-DD or 26 Mar 1990)");
        Warn(country.Length != 0 && query.Countries.Length == 0,
            "country is not known; screened without it (use ISO 3166 codes)");
        return query;

        void Warn(bool isWrong, string text)
        {
            if (isWrong)
            {
                progress.WriteLine(FormattableString.Invariant($"WARNING line {row.Line}: {text}"));
            }
        }
    }

    [SuppressMessage("Usage", "VSTHRD002", Justification = "Parallel.For is the work itself; nothing waits on a task.")]
    private static void Screen(
        ScreeningEngine engine, List<(string Id, ScreeningQuery Query)> queries, int? threshold, CsvOutput output,
            TextWriter progress,
        CancellationToken cancellationToken)
    {
        var hits = 0;
        for (var start = 0; start < queries.Count; start += Chunk)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(Chunk, queries.Count - start);
            var found = new ImmutableArray<(ScreeningMatch Match, string Words)>[count];
            var from = start;
            Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellationToken }, i =>
            {
                var query = queries[from + i].Query;
                found[i] = [.. engine.Search(query, threshold).Select(match => (match, engine.Explain(query,
                    match).ToString()))];
            });
            for (var i = 0; i < count; i++)
            {
                hits += found[i].Length == 0 ? 0 : 1;
                Write(output, queries[start + i].Id, found[i]);
            }

            progress.WriteLine(FormattableString.Invariant(
                $"{start + count} of {queries.Count} screened, {hits} with a match"));
        }
    }

    private static void Write(CsvOutput output, string id, ImmutableArray<(ScreeningMatch Match, string Words)> found)
    {
        for (var rank = 0; rank < found.Length; rank++)
        {
            var (match, words) = found[rank];
            output.Write(
                id, FormattableString.Invariant($"{rank + 1}"), match.Entity.List.Value, match.Entity.Uid,
                match.Name?.Full ?? match.Entity.DisplayName, CsvOutput.Score(match.Score),
                    CsvOutput.Score(match.NameScore), "match", words);
        }
    }
}

/// <param name="Lists">A folder or file with lists.</param>
/// <param name="Queries">The table of queries.</param>
/// <param name="Results">The table to write.</param>
/// <param name="Threshold">0 to 10,000; null for the default.</param>
internal sealed record ScreenRequest(string Lists, string Queries, string Results, int? Threshold);
