using Microsoft.EntityFrameworkCore;
using Probity.Server.Access.Users;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.Sessions;

/// <summary>Opens and ends sessions, each with its entry.</summary>
internal sealed class SessionDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, SessionReader reader, ApiKeyAuthenticator keys, SessionRevocations revocations,
    TimeProvider time)
{
    private const int MaxClientLength = 200;

    /// <summary>
    /// Adds a session to a unit of work; the caller records its entry on the row and commits. The token is told to the
    /// browser after the commit.
    /// </summary>
    public (SessionRow Row, SessionToken Token) Open(UnitOfWork work, UserRow user, string method, bool isStrong, HttpContext http)
    {
        var now = time.GetUtcNow();
        var token = SessionToken.Draw();
        var agent = http.Request.Headers.UserAgent.ToString();
        var row = new SessionRow
        {
            Id = AccessIds.New(AccessIds.Session, now),
            Sha256 = token.Hash.ToArray(),
            UserId = user.Id,
            Method = method,
            Client = agent[..Math.Min(agent.Length, MaxClientLength)],
            CreatedAt = now,
            ExpiresAt = now + SessionLimits.Absolute,
            LastSeenAt = now,
            StrongAt = isStrong ? now : null,
        };
        work.Add(row);
        return (row, token);
    }

    /// <summary>Ends a session; false when there is none with this id. One that has ended stays as it was.</summary>
    public async Task<bool> RevokeAsync(string id, string eventType, AccessEntry entry)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await work.Db.Set<SessionRow>().SingleOrDefaultAsync(s => s.Id == id);
        if (row is null)
        {
            return false;
        }

        if (row.RevokedAt is null)
        {
            row.RevokedAt = time.GetUtcNow();
            work.Record(entry.Draft(eventType, "access.session.end", "session_terminated", new EntryTarget("session", row.Id)), row);
            await work.CommitAsync(CancellationToken.None);
        }

        Ended(row.Id);
        return true;
    }

    /// <summary>
    /// Ends the open sessions of a user within a unit of work, each with its entry; call <see cref="Ended"/> for the
    /// user after the commit.
    /// </summary>
    public async Task RevokeAllAsync(UnitOfWork work, string userId, string? except, AccessEntry entry, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var open = await work.Db.Set<SessionRow>()
            .Where(s => s.UserId == userId && s.RevokedAt == null && s.ExpiresAt > now).ToListAsync(cancellationToken);
        foreach (var row in open.Where(s => s.Id != except))
        {
            row.RevokedAt = now;
            work.Record(
                entry.Draft(AccessEvents.SessionRevoked, "access.session.end", "session_terminated", new EntryTarget("session", row.Id)),
                row);
        }
    }

    /// <summary>Makes what a session may do be read anew.</summary>
    public void RightsRead() => reader.Forget();

    /// <summary>
    /// Makes a change of rights felt at once on this node: streams and circuits of people begin anew with what they may do now.
    /// </summary>
    public void RightsChanged()
    {
        reader.Forget();
        revocations.EndPeople();
    }

    /// <summary>Makes the end of a session, or of everything of a user or key, felt at once on this node.</summary>
    public void Ended(string id)
    {
        reader.Forget();
        keys.ForgetAll();
        revocations.End(id);
    }
}
