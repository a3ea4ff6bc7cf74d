using Microsoft.EntityFrameworkCore;
using Probity.Server.AuditTrail.Events;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access;

/// <summary>API keys in the store's tables; each change commits with its entry.</summary>
internal sealed class ApiKeyStore(IDatabase database, Lazy<ILedgerWriter> ledger, TimeProvider time) : IApiKeyStore
{
    public async Task<ApiKey?> FindByPrefixAsync(string prefix, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var row = await db.Set<ApiKeyRow>().AsNoTracking()
            .SingleOrDefaultAsync(key => key.Prefix == prefix, cancellationToken);
        return row is null ? null : ApiKeyMap.FromRow(row);
    }

    public async Task<ApiKey?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var row = await db.Set<ApiKeyRow>().AsNoTracking().SingleOrDefaultAsync(key => key.Id == id, cancellationToken);
        return row is null ? null : ApiKeyMap.FromRow(row);
    }

    public async Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var rows = await db.Set<ApiKeyRow>().AsNoTracking().ToListAsync(cancellationToken);
        return [.. rows.OrderByDescending(row => row.CreatedAt).Select(ApiKeyMap.FromRow)];
    }

    public async Task AddAsync(ApiKey key, CreationRow? creation, Caller by, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = ApiKeyMap.ToRow(key);
        work.Add(row);
        work.Record(Draft(ApiKeyEvents.Created, "access.key.create", row, by), row);
        creation?.Use(work, row.Id);
        await work.CommitAsync(cancellationToken);
    }

    public async Task<ApiKey?> RevokeAsync(
        string id, DateTimeOffset at, Caller by, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await work.Db.Set<ApiKeyRow>().SingleOrDefaultAsync(key => key.Id == id, cancellationToken);
        if (row is null)
        {
            return null;
        }

        if (row.RevokedAt is null)
        {
            row.RevokedAt = at;
            work.Record(Draft(ApiKeyEvents.Revoked, "access.key.revoke", row, by), row);
            await work.CommitAsync(cancellationToken);
        }

        return ApiKeyMap.FromRow(row);
    }

    public Task MarkUsedAsync(string id, DateOnly day, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction, token) =>
        {
            await using var db = database.CreateContext(connection);
            await db.Database.UseTransactionAsync(transaction, token);
            if (await db.Set<ApiKeyRow>().SingleOrDefaultAsync(key => key.Id == id, token) is { } row)
            {
                row.LastUsedDay = ApiKeyMap.ToText(day);
                await db.SaveChangesAsync(token);
            }
        },
        cancellationToken);

    private EntryDraft Draft(string type, string action, ApiKeyRow row, Caller by) => new()
    {
        Id = EntryIds.New(time.GetUtcNow()),
        Type = type,
        Action = action,
        Actor = by.ToActor(),
        Targets = [new EntryTarget("api_key", row.Id) { Name = row.Name }],
    };
}
