using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Ledger.Merkle;
using Probity.Server.Access.Roles;
using Probity.Server.Access.Users;
using Probity.Server.Hosting.Settings;
using Probity.Server.Storage;

namespace Probity.Server.Access.Sessions;

/// <summary>
/// Tells who a session cookie stands for. A good session is remembered for five seconds, so a change on another node is
/// felt within that time and one on this node at once (<see cref="Forget"/>). Thread safe.
/// </summary>
internal sealed class SessionReader(
    Lazy<IDatabase> database, ProbitySettings settings, TimeProvider clock, ILogger<SessionReader> log)
{
    private const int MaxRemembered = 10_000;
    private readonly ConcurrentDictionary<Digest, Remembered> _remembered = new();

    /// <summary>The caller of a session, or why there is none.</summary>
    public async ValueTask<Authentication> AuthenticateAsync(SessionToken token, CancellationToken cancellationToken)
    {
        var hash = token.Hash;
        if (!_remembered.TryGetValue(hash, out var known) || clock.GetElapsedTime(known.ReadAt) >= SessionLimits.Freshness)
        {
            var readAt = clock.GetTimestamp();
            known = await ReadAsync(hash, readAt, cancellationToken);
            if (known is null)
            {
                _remembered.TryRemove(hash, out _);
                return new Authentication(null, ErrorCodes.AccessSessionEnded);
            }
        }

        var now = clock.GetUtcNow();
        if (IsOver(known, now))
        {
            _remembered.TryRemove(hash, out _);
            return new Authentication(null, ErrorCodes.AccessSessionEnded);
        }

        known = await SeeAsync(known, now, cancellationToken);
        Remember(hash, known);
        return new Authentication(known.Caller, null);
    }

    /// <summary>Whether a session has not ended; reads the store, and is no use of the session.</summary>
    public async Task<bool> StandsAsync(string sessionId, CancellationToken cancellationToken)
    {
        await using var db = database.Value.CreateContext();
        var now = clock.GetUtcNow();
        return await db.Set<SessionRow>().AsNoTracking().AnyAsync(
            s => s.Id == sessionId && s.RevokedAt == null && s.ExpiresAt > now && s.LastSeenAt > now - SessionLimits.Idle - SessionLimits.SeenStep
                && db.Set<UserRow>().Any(u => u.Id == s.UserId && u.DisabledAt == null),
            cancellationToken);
    }

    /// <summary>Forgets everything: whoever changes a user, role, grant or session calls it after the commit.</summary>
    public void Forget() => _remembered.Clear();

    /// <summary>A password alone is one factor; a passkey is two, and a provider asks for what it asks for.</summary>
    private bool IsConfined(SessionRow row) => settings.RequireSecondFactor && row.Method == SessionRow.PasswordAlone;

    private static bool IsOver(Remembered known, DateTimeOffset now) =>
        known.Row.ExpiresAt <= now || known.SeenAt + SessionLimits.Idle <= now;

    private async Task<Remembered?> ReadAsync(Digest hash, long readAt, CancellationToken cancellationToken)
    {
        await using var db = database.Value.CreateContext();
        var bytes = hash.ToArray();
        var row = await db.Set<SessionRow>().AsNoTracking().SingleOrDefaultAsync(s => s.Sha256 == bytes, cancellationToken);
        if (row is null || row.RevokedAt is not null)
        {
            return null;
        }

        var user = await db.Set<UserRow>().AsNoTracking().SingleOrDefaultAsync(u => u.Id == row.UserId, cancellationToken);
        if (user is null || user.DisabledAt is not null)
        {
            return null;
        }

        var held = await HeldRoles.ReadAsync(db, user.Id, clock.GetUtcNow(), cancellationToken);
        var seenAt = _remembered.TryGetValue(hash, out var before) && before.SeenAt > row.LastSeenAt ? before.SeenAt : row.LastSeenAt;
        return new Remembered(row, held.ToCaller(user, row, IsConfined(row)), readAt, seenAt, row.LastSeenAt);
    }

    private async Task<Remembered> SeeAsync(Remembered known, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (now - known.WrittenAt < SessionLimits.SeenStep)
        {
            return known with { SeenAt = now };
        }

        try
        {
            await database.Value.SaveAsync(
                async (db, token) =>
                {
                    var row = await db.Set<SessionRow>().SingleOrDefaultAsync(s => s.Id == known.Row.Id, token);
                    row?.LastSeenAt = now;
                },
                cancellationToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // Reading must go on with a full disk.
            log.LastUseNotNoted(known.Row.Id, fault);
        }

        return known with { SeenAt = now, WrittenAt = now };
    }

    private void Remember(Digest hash, Remembered known)
    {
        if (_remembered.Count >= MaxRemembered)
        {
            _remembered.Clear();
        }

        _remembered[hash] = known;
    }

    private sealed record Remembered(
        SessionRow Row, Caller Caller, long ReadAt, DateTimeOffset SeenAt, DateTimeOffset WrittenAt);
}
