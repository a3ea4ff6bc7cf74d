using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Probity.Monitoring.Rating;
using Probity.Server.Storage;

namespace Probity.Server.Customers.Ratings;

/// <summary>Reads stored scorecards, and which one is in force. Thread safe.</summary>
internal sealed class Scorecards(TimeProvider time)
{
    // Stored scorecards never change; an institution has few.
    private readonly ConcurrentDictionary<string, Scorecard> _read = new(StringComparer.Ordinal);

    /// <summary>The scorecard that rates now; null while none was approved.</summary>
    public async Task<(string Id, Scorecard Scorecard)?> CurrentAsync(
        ProbityDb db, CancellationToken cancellationToken)
    {
        var id = await InForceAsync(db, time.GetUtcNow(), cancellationToken);
        return id is null ? null : (id, await ReadAsync(db, id, cancellationToken));
    }

    /// <summary>The scorecard that rates at an instant, by what is agreed to so far; null for none.</summary>
    public static Task<string?> InForceAsync(ProbityDb db, DateTimeOffset at, CancellationToken cancellationToken) =>
        db.Set<ScorecardRow>().AsNoTracking()
            .Where(row => row.State == ScorecardRow.Approved && row.ActiveFrom <= at)
            .OrderByDescending(row => row.ActiveFrom).ThenByDescending(row => row.AgreedNumber)
            .Select(row => row.Id).FirstOrDefaultAsync(cancellationToken);

    /// <summary>The scorecard that was agreed to and comes last, whether its time has come or not; null for
    /// none.</summary>
    public static Task<string?> LastAsync(ProbityDb db, CancellationToken cancellationToken) =>
        db.Set<ScorecardRow>().AsNoTracking().Where(row => row.State == ScorecardRow.Approved)
            .OrderByDescending(row => row.ActiveFrom).ThenByDescending(row => row.AgreedNumber)
            .Select(row => row.Id).FirstOrDefaultAsync(cancellationToken);

    /// <summary>The one in force, or the one that ships while none is: for what is asked without a rating.</summary>
    public async Task<Scorecard> CurrentOrShippedAsync(ProbityDb db, CancellationToken cancellationToken) =>
        (await CurrentAsync(db, cancellationToken))?.Scorecard ?? ScorecardPack.Scorecard();

    /// <summary>A stored scorecard.</summary>
    /// <exception cref="StorageException">customers.scorecard_damaged: it is not what its hash says.</exception>
    public async Task<Scorecard> ReadAsync(ProbityDb db, string id, CancellationToken cancellationToken)
    {
        if (_read.TryGetValue(id, out var known))
        {
            return known;
        }

        var row = await db.Set<ScorecardRow>().AsNoTracking()
            .SingleAsync(item => item.Id == id, cancellationToken);
        return _read[id] = Read(row);
    }

    /// <summary>Reads a row.</summary>
    /// <exception cref="StorageException">customers.scorecard_damaged.</exception>
    public static Scorecard Read(ScorecardRow row)
    {
        var json = Encoding.UTF8.GetBytes(row.Json);
        return Convert.ToHexStringLower(SHA256.HashData(json)) == row.Sha256
            && ScorecardReader.Read(json) is ScorecardResult.Sound sound
            ? sound.Scorecard
            : throw new StorageException(
                "customers.scorecard_damaged", $"The scorecard {row.Id} is not what its hash says.");
    }
}
