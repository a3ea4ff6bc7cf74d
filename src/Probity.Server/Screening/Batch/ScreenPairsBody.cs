using Probity.Screening.Matching;
using Probity.Screening.Model;
using Probity.Server.Hosting.Cli;
using Probity.Server.Hosting.Tables;

namespace Probity.Server.Screening.Batch;

/// <summary><c>probity screen pairs --in pairs.csv --out scores.csv</c>: scores name against name.</summary>
internal static class ScreenPairsBody
{
    public static Task<int> RunAsync(ScreenPairsRequest request, TextWriter progress,
        CancellationToken cancellationToken) =>
        Task.FromResult(Run(request, progress, cancellationToken));

    private static int Run(ScreenPairsRequest request, TextWriter progress, CancellationToken cancellationToken)
    {
        using var rows = CsvRows.Open(request.Pairs, "id", "query", "candidate");
        using var output = new CsvOutput(request.Scores, "id", "score", "verdict", "explanation");
        var scorer = new PairScorer();
        var count = 0;
        foreach (var row in rows.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (query, candidate) = Read(rows, row);
            var pair = scorer.Score(query, candidate);
            output.Write(
                rows.Cell(row, "id"), CsvOutput.Score(pair.Match.Score),
                    pair.Match.Score >= scorer.Options.Threshold ? "match" : "no_match",
                pair.Explanation.ToString());
            if (++count % 10_000 == 0)
            {
                progress.WriteLine(FormattableString.Invariant($"{count} pairs scored"));
            }
        }

        output.Complete();
        progress.WriteLine(FormattableString.Invariant($"{count} pairs scored"));
        return ExitCode.Done;
    }

    private static (ScreeningQuery Query, ListedEntity Candidate) Read(CsvRows rows, CsvRow row)
    {
        if (!QueryCells.TryKind(rows.Cell(row, "query_type"), out var kind))
        {
            throw rows.Fault(
                row.Line, $"\"{rows.Cell(row, "query_type")}\" is no type",
                    "Use person, organization, vessel, aircraft or any.");
        }

        var query = new ScreeningQuery
        {
            Name = rows.Cell(row, "query"),
            Kind = kind,
            Date = QueryCells.Date(rows.Cell(row, "dob")),
            Countries = QueryCells.Countries(rows.Cell(row, "country")),
        };
        return (query, PairScorer.Candidate(
            rows.Cell(row, "candidate"), kind, QueryCells.Date(rows.Cell(row, "candidate_dob")),
                QueryCells.Countries(rows.Cell(row, "candidate_country"))));
    }
}

/// <param name="Pairs">The table of pairs.</param>
/// <param name="Scores">The table to write.</param>
internal sealed record ScreenPairsRequest(string Pairs, string Scores);
