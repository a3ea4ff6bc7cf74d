using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
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
    /// <param name="outcome">approve, review or block; null for all.</param>
    /// <param name="alertsOnly">Only those that ask for an alert.</param>
    /// <param name="before">Only those with a smaller number; null from the newest.</param>
    /// <param name="limit">1 to <see cref="MostRows"/>.</param>
    public async Task<IReadOnlyList<StepRow>> ListAsync(
        string? outcome, bool alertsOnly, long? before, int limit, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await db.Set<StepRow>().AsNoTracking()
            .Where(row => row.Kind == StepRow.Transaction && (before == null || row.Number < before)
                && (outcome == null || row.Outcome == outcome) && (!alertsOnly || row.AlertRule != null))
            .OrderByDescending(row => row.Number).Take(limit).ToListAsync(cancellationToken);
    }
}
