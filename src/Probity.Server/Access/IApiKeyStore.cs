namespace Probity.Server.Access;

/// <summary>
/// Where API keys are kept. Creating and revoking a key commits together with its entry in the ledger
/// (<see cref="ApiKeyEvents"/>). Thread safe.
/// </summary>
internal interface IApiKeyStore
{
    /// <summary>The key with this prefix, revoked and expired ones too; null when there is none.</summary>
    Task<ApiKey?> FindByPrefixAsync(string prefix, CancellationToken cancellationToken);

    Task<ApiKey?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>All keys, newest first.</summary>
    Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Adds a key and its entry. Durable when the task completes.</summary>
    Task AddAsync(ApiKey key, CreationRow? creation, Caller by, CancellationToken cancellationToken);

    /// <summary>
    /// Revokes a key and records the entry; the key as it is then. Null when there is no such key. A key that is revoked
    /// already is returned as it is, without another entry.
    /// </summary>
    Task<ApiKey?> RevokeAsync(string id, DateTimeOffset at, Caller by, CancellationToken cancellationToken);

    /// <summary>Notes that a key was used on this day. No entry: the requests themselves are recorded.</summary>
    Task MarkUsedAsync(string id, DateOnly day, CancellationToken cancellationToken);
}
