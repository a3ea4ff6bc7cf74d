using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Monitoring;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.Hosting.Problems;
using Probity.Server.Monitoring.Input;
using Probity.Server.Storage;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>A stored transaction as the API shows it.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Seq">Where its entry is in the ledger.</param>
/// <param name="Data">transaction, facts and packed record; null when they were erased.</param>
/// <param name="ReversedBy">The number of the reversal; null when it counts.</param>
internal sealed record StoredTransaction(StepRow Row, long Seq, JsonObject? Data, long? ReversedBy)
{
    /// <summary>The record of the decision, canonical JSON; null when it was erased.</summary>
    public byte[]? Record() => Data?["record"] is { } packed
        ? RecordPacking.Unpack(Convert.FromBase64String(packed.GetValue<string>()))
        : null;
}

/// <summary>Reads stored transactions. Thread safe.</summary>
internal sealed class TransactionLibrary(IDatabase database, EventFinder finder, EntryOpener opener)
{
    /// <summary>The most decisions that are counted for a picture.</summary>
    public const int MostCounted = 50_000;

    /// <summary>The most rows of one page.</summary>
    public const int MostRows = 500;

    /// <summary>Reads a transaction with its decision.</summary>
    /// <exception cref="ProblemException">monitoring.transaction_not_found.</exception>
    public async Task<StoredTransaction> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var row = await db.Set<StepRow>().AsNoTracking()
            .SingleOrDefaultAsync(item => item.TransactionId == id, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.MonitoringTransactionNotFound);
        var reversal = await db.Set<StepRow>().AsNoTracking().Where(item => item.Reverses == row.Number)
            .Select(item => (long?)item.Number).FirstOrDefaultAsync(cancellationToken);
        var entry = await finder.FindAsync(row.EntryId, cancellationToken);
        var opened = await opener.OpenAsync(entry.Body, withBlobs: true, cancellationToken);
        return new StoredTransaction(row, entry.Seq, opened.Json["data"] as JsonObject, reversal);
    }

    /// <summary>Reads a transaction by its number; null when there is none, or when it was erased.</summary>
    public async Task<KnownTransaction?> KnownAsync(long number, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var id = await db.Set<StepRow>().AsNoTracking().Where(row => row.Number == number)
            .Select(row => row.TransactionId).SingleOrDefaultAsync(cancellationToken);
        return id is not null && (await FindAsync(id, cancellationToken)).Data?["transaction"] is { } kept
            ? new KnownTransaction(TransactionJson.Read(JsonSerializer.Deserialize<JsonElement>(kept)), id, number)
            : null;
    }

    /// <summary>Lists transactions, the newest first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="limit">1 to <see cref="MostRows"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<StepRow>> ListAsync(
        TransactionFilter filter, int limit, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await filter.Of(db).OrderByDescending(row => row.Number).Take(limit).ToListAsync(cancellationToken);
    }

    /// <summary>Counts decisions by the day of the transaction, the newest <see cref="MostCounted"/>.</summary>
    /// <param name="filter">Which; where the page begins does not matter.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<DecisionDay>> CountAsync(
        TransactionFilter filter, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var rows = await (filter with { Before = null }).Of(db).OrderByDescending(row => row.Number)
            .Select(row => new { row.OccurredAt, row.Outcome, HasAlert = row.AlertRule != null })
            .Take(MostCounted).ToListAsync(cancellationToken);
        return [.. rows.GroupBy(row => DateOnly.FromDateTime(row.OccurredAt!.Value.UtcDateTime)).OrderBy(day => day.Key)
            .Select(day => new DecisionDay(
                day.Key, day.Count(row => row.Outcome == "approve"), day.Count(row => row.Outcome == "review"),
                day.Count(row => row.Outcome == "block"), day.Count(row => row.HasAlert)))];
    }

    /// <summary>Reads who paid whom from the entries of rows; null for one that was erased.</summary>
    public async Task<IReadOnlyList<Transaction?>> OpenAsync(
        IReadOnlyList<StepRow> rows, CancellationToken cancellationToken)
    {
        var opened = new List<Transaction?>(rows.Count);
        foreach (var row in rows)
        {
            var entry = await finder.FindAsync(row.EntryId, cancellationToken);
            var json = (await opener.OpenAsync(entry.Body, withBlobs: true, cancellationToken)).Json["data"];
            opened.Add(json?["transaction"] is { } kept
                ? TransactionJson.Read(JsonSerializer.Deserialize<JsonElement>(kept)) : null);
        }

        return opened;
    }
}

/// <summary>Which transactions are asked for; null for any.</summary>
internal sealed record TransactionFilter
{
    /// <summary>approve, review or block.</summary>
    public string? Outcome { get; init; }

    /// <summary>Only those that ask for an alert.</summary>
    public bool AlertsOnly { get; init; }

    public string? Type { get; init; }

    /// <summary>The rule that an alert is raised for.</summary>
    public string? Rule { get; init; }

    /// <summary>The rule in shadow for which one without an alert would have had one.</summary>
    public string? Shadow { get; init; }

    /// <summary>The first instant of the transactions.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The first instant that is too late.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only those with a smaller number.</summary>
    public long? Before { get; init; }

    public IQueryable<StepRow> Of(ProbityDb db)
    {
        var rows = db.Set<StepRow>().AsNoTracking().Where(row => row.Kind == StepRow.Transaction);
        rows = Before is { } before ? rows.Where(row => row.Number < before) : rows;
        rows = Outcome is { } outcome ? rows.Where(row => row.Outcome == outcome) : rows;
        rows = AlertsOnly ? rows.Where(row => row.AlertRule != null) : rows;
        rows = Type is { } type ? rows.Where(row => row.Type == type) : rows;
        rows = Rule is { } rule ? rows.Where(row => row.AlertRule == rule) : rows;
        rows = Shadow is { } shadow ? rows.Where(row => row.ShadowRule == shadow) : rows;
        rows = From is { } from ? rows.Where(row => row.OccurredAt >= from) : rows;
        return To is { } to ? rows.Where(row => row.OccurredAt < to) : rows;
    }
}

/// <summary>The decisions about the transactions of one day, UTC.</summary>
internal sealed record DecisionDay(DateOnly Day, int Approve, int Review, int Block, int Alerts);
