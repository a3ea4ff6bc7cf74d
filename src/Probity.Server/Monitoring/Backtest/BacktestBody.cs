using System.Diagnostics;
using System.Globalization;
using Probity.Monitoring;
using Probity.Server.Hosting.Cli;
using Probity.Server.Hosting.Tables;
using Probity.Server.Monitoring.Input;

namespace Probity.Server.Monitoring.Backtest;

/// <summary>
/// <c>probity monitor backtest</c>: judges a table of transactions by rules, without a server. Transactions are judged
/// in the order of their time (in that of the file where it is the same), as they would have come in. A row that
/// cannot be judged is named with its line and left out; the run then ends with 2.
/// </summary>
internal static class BacktestBody
{
    /// <summary>The most rows of one table: all are held in memory.</summary>
    public const int MaxRows = 5_000_000;

    /// <summary>The most refusals shown; the rest is counted.</summary>
    public const int MaxShown = 100;

    private const int ProgressEvery = 10_000;

    private static readonly string[] s_header =
        ["alert_id", "transaction_id", "account", "customer", "time", "rule", "score", "contributions"];

    public static Task<int> RunAsync(
        BacktestRequest request, TextWriter progress, CancellationToken cancellationToken) =>
        Task.FromResult(Run(request, progress, cancellationToken));

    private static int Run(BacktestRequest request, TextWriter progress, CancellationToken cancellationToken)
    {
        var rules = RuleFolder.Compile(request.Rules, RuleFolder.Book(request.Reference), progress);
        if (rules is null)
        {
            throw new ExpectedFaultException("A rule is refused; nothing was judged.", "Mend what is named above.");
        }

        var parties = request.Customers is { } path ? PartyTable.Read(path) : PartyTable.Empty;
        var (lines, refused) = ReadTransactions(request, progress, cancellationToken);
        progress.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{rules.Rules.Count} rules, digest {rules.Digest}; {lines.Count} transactions; "
            + $"{parties.Customers} customers, {parties.Accounts} accounts"));
        var engine = new MonitoringEngine(rules, new MonitoringOptions
        {
            RiskThreshold = request.Threshold, HomeJurisdiction = request.Jurisdiction,
        });
        using var output = new CsvOutput(request.Alerts, s_header);
        refused += Judge(engine, lines, parties, output, request.Transactions, progress, cancellationToken);
        output.Complete();
        if (refused > 0)
        {
            progress.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"probity: {refused} rows were refused and not judged\n    fix:  correct the lines named above"));
        }

        return refused == 0 ? ExitCode.Done : ExitCode.CannotTell;
    }

    private static (List<(long Line, Transaction Transaction)> Lines, int Refused) ReadTransactions(
        BacktestRequest request, TextWriter progress, CancellationToken cancellationToken)
    {
        using var rows = CsvRows.Open(request.Transactions);
        var mapping = request.Mapping is { } path ? TableMapping.Read(path) : TableMapping.Default;
        mapping.Check(rows);
        var table = new TableTransactions(rows, mapping, "file");
        var lines = new List<(long Line, Transaction Transaction)>();
        var refused = 0;
        foreach (var row in rows.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (lines.Count == MaxRows)
            {
                throw rows.Fault(row.Line, $"there are more than {MaxRows} rows", "Split the file by account.");
            }

            try
            {
                lines.Add((row.Line, table.Read(row)));
            }
            catch (InputRefusedException fault)
            {
                Refuse(request.Transactions, row.Line, fault.Faults, refused++, progress);
            }
        }

        lines.Sort((one, other) => (one.Transaction.OccurredAt, one.Line).CompareTo(
            (other.Transaction.OccurredAt, other.Line)));
        return (lines, refused);
    }

    private static int Judge(
        MonitoringEngine engine, List<(long Line, Transaction Transaction)> lines, PartyTable parties,
        CsvOutput output, string path, TextWriter progress, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var (judged, alerts, duplicates, refused) = (0, 0, 0, 0);
        foreach (var (line, read) in lines)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var transaction = parties.Complete(read);
            switch (engine.Submit(transaction, parties.Of(transaction)))
            {
                case JudgeResult.Decided { Decision: var decision }:
                    engine.Commit();
                    if (decision.Alert is { } alert)
                    {
                        Write(output, ++alerts, transaction, decision, alert);
                    }

                    break;
                case JudgeResult.Duplicate:
                    duplicates++;
                    break;
                case JudgeResult.Conflict:
                    Refuse(path, line, [new InputFault("transaction_id", "monitoring.key_reused",
                        "An earlier row has the same id and says something else.")], refused++, progress);
                    break;
                case JudgeResult.Refused faults:
                    Refuse(path, line, faults.Faults, refused++, progress);
                    break;
                default:
                    throw new InvalidOperationException();
            }

            if (++judged % ProgressEvery == 0 || judged == lines.Count)
            {
                progress.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{judged} of {lines.Count} judged, {alerts} alerts, {duplicates} duplicates, "
                    + $"{judged / Math.Max(clock.Elapsed.TotalSeconds, 0.001):F0} a second"));
            }
        }

        return refused;
    }

    private static void Write(
        CsvOutput output, int number, Transaction transaction, Decision decision, AlertRequest alert) => output.Write(
            string.Create(CultureInfo.InvariantCulture, $"alt_{number:D8}"),
            transaction.Key.Id,
            alert.Account ?? "",
            alert.Customer ?? "",
            InputText.Wire(transaction.OccurredAt),
            alert.Rule,
            Score(decision.Score),
            string.Join("; ", decision.Contributions.Select(item => $"{item.Rule}={Score(item.Score)} {item.Side}")));

    private static string Score(decimal score) => score.ToString("0.0000##", CultureInfo.InvariantCulture);

    private static void Refuse(
        string path, long line, IReadOnlyList<InputFault> faults, int earlier, TextWriter progress)
    {
        if (earlier > MaxShown)
        {
            return;
        }

        progress.WriteLine(earlier == MaxShown
            ? "REFUSED more rows, which are counted and not shown"
            : string.Create(CultureInfo.InvariantCulture, $"REFUSED {path} line {line}: ")
                + string.Join(" ", faults.Select(fault => $"{fault.Place.TrimStart('/')}: {fault.Message}")));
    }
}

/// <param name="Transactions">The table to judge.</param>
/// <param name="Rules">A folder or file of rules, or <c>default</c>.</param>
/// <param name="Customers">A table of customers; null for none.</param>
/// <param name="Alerts">The table to write.</param>
/// <param name="Mapping">Where the fields come from; null for columns named like them.</param>
/// <param name="Reference">Lists, thresholds, calendars and rates; null for those that ship.</param>
/// <param name="Jurisdiction">The law of accounts that none is known of; null asks the rules of every law.</param>
/// <param name="Threshold">From which score an alert is raised, above 0 to 1.</param>
internal sealed record BacktestRequest(
    string Transactions, string Rules, string? Customers, string Alerts, string? Mapping, string? Reference,
    string? Jurisdiction, decimal Threshold);
