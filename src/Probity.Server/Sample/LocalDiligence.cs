using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.Customers;
using Probity.Server.Customers.Onboarding;
using Probity.Server.Customers.Owners;
using Probity.Server.Customers.Ratings;
using Probity.Server.Customers.Reviews;
using Probity.Server.Hosting.Cli;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;

namespace Probity.Server.Sample;

/// <summary>Due diligence in the data folder itself, by the desks of its server.</summary>
internal sealed class LocalDiligence : IDiligenceSink
{
    private readonly LocalLedger _ledger;
    private readonly AccessEntry _entry;

    private LocalDiligence(LocalLedger ledger)
    {
        _ledger = ledger;
        _entry = new AccessEntry(
            Caller.Server.ToActor(), null, ledger.Services.GetRequiredService<TimeProvider>());
    }

    /// <summary>Opens the data folder.</summary>
    /// <param name="context">What the verb works with.</param>
    /// <param name="more">Adds the desks.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    public static async Task<LocalDiligence> OpenAsync(
        VerbContext context, Action<IServiceCollection> more, CancellationToken cancellationToken) =>
        new(await LocalLedger.OpenAsync(context, cancellationToken, more));

    public async Task<ScorecardAsked> PutInForceAsync(
        JsonNode scorecard, string reason, CancellationToken cancellationToken)
    {
        var desk = Of<ScorecardDesk>();
        var (rows, inForce) = await desk.AllAsync(cancellationToken);
        var name = scorecard["name"]!.GetValue<string>(); // The scorecard is ours.
        if (inForce is not null || rows.Any(row => row.Name == name))
        {
            return ScorecardAsked.IsThere;
        }

        var row = await desk.DraftAsync(
            JsonSerializer.SerializeToUtf8Bytes(scorecard), reason, _entry, cancellationToken);
        return await desk.ActivateAsync(row.Id, null, reason, Caller.Server, _entry, cancellationToken) is null
            ? ScorecardAsked.InForce : ScorecardAsked.Waits;
    }

    public async Task<IReadOnlyDictionary<string, string>> FindAsync(
        IReadOnlyCollection<string> numbers, CancellationToken cancellationToken)
    {
        await using var db = Of<IDatabase>().CreateContext();
        return await db.Set<CustomerRow>().AsNoTracking().Where(row => numbers.Contains(row.ExternalId))
            .ToDictionaryAsync(row => row.ExternalId, row => row.Id, StringComparer.Ordinal, cancellationToken);
    }

    public async Task<bool> LinkAsync(string id, AddLink link, CancellationToken cancellationToken)
    {
        try
        {
            await Of<LinkDesk>().AddAsync(id, link, EntityScope.All, _entry, cancellationToken);
            return true;
        }
        catch (ProblemException there) when (there.Code == ErrorCodes.CustomersLinkExists)
        {
            return false;
        }
    }

    public async Task<bool> ReviewAsync(string id, CompleteReview review, CancellationToken cancellationToken)
    {
        var desk = Of<ReviewDesk>();
        if ((await desk.HistoryAsync(id, cancellationToken)).Count > 0)
        {
            return false;
        }

        await desk.CompleteAsync(id, review, EntityScope.All, _entry, cancellationToken);
        return true;
    }

    public async Task<int> CheckAsync(
        string id, IReadOnlyList<RecordCheck> checks, CancellationToken cancellationToken)
    {
        await using var db = Of<IDatabase>().CreateContext();
        var done = await db.Set<CheckRow>().Where(row => row.CustomerId == id).Select(row => row.Kind)
            .ToListAsync(cancellationToken);
        var missing = checks.Where(check => !done.Contains(check.Kind)).ToList();
        foreach (var check in missing)
        {
            await Of<CheckDesk>().RecordAsync(id, check, Caller.Server, _entry, cancellationToken);
        }

        return missing.Count;
    }

    public ValueTask DisposeAsync() => _ledger.DisposeAsync();

    private T Of<T>()
        where T : notnull => _ledger.Services.GetRequiredService<T>();
}
