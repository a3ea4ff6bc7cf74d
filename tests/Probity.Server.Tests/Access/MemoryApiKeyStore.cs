using System.Collections.Concurrent;
using Probity.Server.Access;

namespace Probity.Server.Tests.Access;

/// <summary>API keys in memory, for tests of what surrounds the store.</summary>
internal sealed class MemoryApiKeyStore : IApiKeyStore
{
    public ConcurrentDictionary<string, ApiKey> Keys { get; } = new();

    public int Reads { get; private set; }

    public Task<ApiKey?> FindByPrefixAsync(string prefix, CancellationToken cancellationToken)
    {
        Reads++;
        return Task.FromResult(Keys.Values.SingleOrDefault(k => k.Prefix == prefix));
    }

    public Task<ApiKey?> FindAsync(string id, CancellationToken cancellationToken) => Task.FromResult(Keys.GetValueOrDefault(id));

    public Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ApiKey>>([.. Keys.Values.OrderByDescending(k => k.Id, StringComparer.Ordinal)]);

    public Task AddAsync(ApiKey key, CreationRow? creation, Caller by, CancellationToken cancellationToken)
    {
        Keys[key.Id] = key;
        return Task.CompletedTask;
    }

    public Task<ApiKey?> RevokeAsync(string id, DateTimeOffset at, Caller by, CancellationToken cancellationToken)
    {
        if (!Keys.TryGetValue(id, out var key))
        {
            return Task.FromResult<ApiKey?>(null);
        }

        Keys[id] = key with { RevokedAt = key.RevokedAt ?? at };
        return Task.FromResult<ApiKey?>(Keys[id]);
    }

    public Task MarkUsedAsync(string id, DateOnly day, CancellationToken cancellationToken)
    {
        Keys[id] = Keys[id] with { LastUsedDay = day };
        return Task.CompletedTask;
    }
}
