using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Ledger.Json;
using Probity.Monitoring.Rating;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Customers.Ratings;

/// <summary>What computing stored ratings again came to.</summary>
/// <param name="Ratings">How many were looked at.</param>
/// <param name="Identical">How many gave the same bytes.</param>
/// <param name="Differences">How many did not.</param>
/// <param name="Erased">How many cannot be read any more, since their customer was erased.</param>
/// <param name="Different">The first hundred of those that did not, by id.</param>
internal sealed record RatingReplay(
    int Ratings, int Identical, int Differences, int Erased, IReadOnlyList<string> Different);

/// <summary>Reads ratings from their entries, and computes them again. Thread safe.</summary>
internal sealed class RatingArchive(
    IDatabase database, Scorecards scorecards, Lazy<EventFinder> finder, Lazy<EntryOpener> opener)
{
    /// <summary>The most ratings of a history that are shown, the newest.</summary>
    public const int MostShown = 200;

    private const int Page = 500;
    private const int MostNamed = 100;

    /// <summary>The ratings of a customer, the newest first.</summary>
    public async Task<IReadOnlyList<RatingRow>> HistoryAsync(string customerId, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await db.Set<RatingRow>().AsNoTracking().Where(row => row.CustomerId == customerId)
            .OrderByDescending(row => row.Number).Take(MostShown).ToListAsync(cancellationToken);
    }

    /// <summary>The rating in force of a customer, with its record; the record is null when it was erased.</summary>
    /// <exception cref="ProblemException">customers.not_rated.</exception>
    public async Task<(RatingRow Row, JsonElement? Record)> CurrentAsync(
        CustomerRow customer, CancellationToken cancellationToken)
    {
        if (customer.RatingId is not { } id)
        {
            throw new ProblemException(ErrorCodes.CustomersNotRated);
        }

        await using var db = database.CreateContext();
        var row = await db.Set<RatingRow>().AsNoTracking().SingleAsync(item => item.Id == id, cancellationToken);
        return (row, await RecordAsync(id, cancellationToken));
    }

    /// <summary>The record of a rating; null when it was erased.</summary>
    public async Task<JsonElement?> RecordAsync(string ratingId, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var entry = await db.Set<RatingRow>().AsNoTracking().Where(row => row.Id == ratingId)
            .Select(row => EF.Property<string>(row, AuditDeclarations.EntryId)).SingleAsync(cancellationToken);
        return await OpenAsync(entry, cancellationToken);
    }

    /// <summary>Computes stored ratings again, all or those of a customer.</summary>
    public async Task<RatingReplay> ReplayAsync(string? customerId, CancellationToken cancellationToken)
    {
        var (count, identical, erased) = (0, 0, 0);
        var different = new List<string>();
        var differences = 0;
        var after = "";
        while (true)
        {
            await using var db = database.CreateContext();
            var rows = await db.Set<RatingRow>().AsNoTracking()
#pragma warning disable CA1309 // Translated to SQL, where the order of the ids is the store's.
                .Where(row => (customerId == null || row.CustomerId == customerId)
                    && string.Compare(row.Id, after) > 0)
#pragma warning restore CA1309
                .OrderBy(row => row.Id).Take(Page)
                .Select(row => new
                {
                    row.Id, row.ScorecardId, Entry = EF.Property<string>(row, AuditDeclarations.EntryId),
                })
                .ToListAsync(cancellationToken);
            foreach (var row in rows)
            {
                count++;
                if (await OpenAsync(row.Entry, cancellationToken) is not { } record)
                {
                    erased++;
                }
                else if (IsSame(record, await scorecards.ReadAsync(db, row.ScorecardId, cancellationToken)))
                {
                    identical++;
                }
                else if (++differences <= MostNamed)
                {
                    different.Add(row.Id);
                }
            }

            if (rows.Count < Page)
            {
                return new RatingReplay(count, identical, differences, erased, different);
            }

            after = rows[^1].Id;
        }
    }

    /// <summary>Whether a record is what its scorecard gives for its facts, byte for byte.</summary>
    public static bool IsSame(JsonElement record, Scorecard scorecard)
    {
        try
        {
            return CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(record.GetRawText()))
                .AsSpan().SequenceEqual(RatingRecord.Replay(record, scorecard));
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private async Task<JsonElement?> OpenAsync(string entryId, CancellationToken cancellationToken)
    {
        var entry = await finder.Value.FindAsync(entryId, cancellationToken);
        var opened = await opener.Value.OpenAsync(entry.Body, withBlobs: true, cancellationToken);
        return opened.Json["data"]?["record"] is { } record
            ? JsonSerializer.SerializeToElement(record) : null;
    }
}
