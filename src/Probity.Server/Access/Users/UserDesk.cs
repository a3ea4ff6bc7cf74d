using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Server.Access.Roles;
using Probity.Server.Access.Sessions;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.Users;

/// <summary>
/// Creates, disables, enables and resets users. Nobody sets another's password: a user gets an invitation, a token that is
/// told once and works for a day, and sets the password with it.
/// </summary>
internal sealed class UserDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, IdentityUsers identity, SessionDesk sessions, UserSecrets secrets, TimeProvider time)
{
    public static readonly TimeSpan InvitationLifetime = TimeSpan.FromHours(24);
    private const int TokenBytes = 32;

    public async Task<IReadOnlyList<UserView>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var users = await db.Set<UserRow>().AsNoTracking().OrderBy(u => u.LoginKey).ToListAsync(cancellationToken);
        var grants = await GrantsAsync(db, null, cancellationToken);
        var passkeys = await db.Set<UserPasskeyRow>().AsNoTracking().GroupBy(p => p.UserId)
            .Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, cancellationToken);
        return [.. users.Select(u => UserViews.Of(u, grants.Where(g => g.Grant.UserId == u.Id), passkeys.GetValueOrDefault(u.Id)))];
    }

    /// <exception cref="ProblemException">access.user_not_found.</exception>
    public async Task<UserView> GetAsync(string id, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var user = await db.Set<UserRow>().AsNoTracking().SingleOrDefaultAsync(u => u.Id == id, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.AccessUserNotFound);
        var passkeys = await db.Set<UserPasskeyRow>().CountAsync(p => p.UserId == id, cancellationToken);
        return UserViews.Of(user, await GrantsAsync(db, id, cancellationToken), passkeys);
    }

    /// <summary>Makes a user without any right; the token is told once.</summary>
    public async Task<InvitedUser> CreateAsync(CreateUser request, CreationRow? creation, AccessEntry entry, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        using var users = identity.Open(work);
        var now = time.GetUtcNow();
        var login = request.Login.Trim();
        var user = new UserRow
        {
            Id = AccessIds.New(AccessIds.User, now),
            Login = login,
            LoginKey = Logins.Normalize(login),
            Name = string.IsNullOrWhiteSpace(request.Name) ? login : request.Name.Trim(),
            Email = request.Email?.Trim(),
            SecurityStamp = "",
            CreatedAt = now,
        };
        var token = Invite(user);
        Check(user, await users.CreateAsync(user));
        work.Record(entry.Draft(AccessEvents.UserCreated, "access.user.create", "user_created", Target(user)), user);
        creation?.Use(work, user.Id);
        await CommitAsync(work, cancellationToken);
        return new InvitedUser(UserViews.Of(user, [], 0), token, now + InvitationLifetime);
    }

    public Task DisableAsync(string id, Caller caller, AccessEntry entry) => ChangeAsync(
        id, AccessEvents.UserDisabled, "access.user.disable", entry,
        async (user, work) =>
        {
            if (user.Id == caller.PersonId)
            {
                throw new ProblemException(ErrorCodes.AccessOwnAccount, "Nobody disables the own account.");
            }

            await LastAdministrator.RefuseAsync(
                work.Db, time.GetUtcNow(), g => g.UserId == id, null, CancellationToken.None);
            var isChange = user.DisabledAt is null;
            user.DisabledAt ??= time.GetUtcNow();
            return isChange;
        });

    public Task EnableAsync(string id, AccessEntry entry) => ChangeAsync(
        id, AccessEvents.UserEnabled, "access.user.enable", entry,
        (user, _) =>
        {
            var isChange = user.DisabledAt is not null;
            user.DisabledAt = null;
            return Task.FromResult(isChange);
        });

    /// <summary>Takes away password, codes and passkeys, ends the sessions, and invites anew.</summary>
    public async Task<InvitedUser> ResetAsync(string id, Caller caller, AccessEntry entry)
    {
        if (id == caller.PersonId)
        {
            throw new ProblemException(ErrorCodes.AccessOwnAccount, "Nobody resets the own account; change the password instead.");
        }

        var token = "";
        await ChangeAsync(id, AccessEvents.UserReset, "access.user.reset", entry, async (user, work) =>
        {
            (user.PasswordHash, user.PasswordSetAt) = (null, null);
            (user.TotpSecret, user.TotpPending, user.RecoveryCodes) = (null, null, null);
            user.SecurityStamp = secrets.NewStamp();
            foreach (var passkey in await work.Db.Set<UserPasskeyRow>().Where(p => p.UserId == id).ToListAsync())
            {
                work.Remove(passkey);
                work.Record(
                    entry.Draft(AccessEvents.PasskeyRemoved, "access.passkey.remove", "user_updated", new EntryTarget("passkey", passkey.Id)), passkey);
            }

            token = Invite(user);
            return true;
        });
        return new InvitedUser(await GetAsync(id, CancellationToken.None), token, time.GetUtcNow() + InvitationLifetime);
    }

    private async Task ChangeAsync(
        string id, string type, string action, AccessEntry entry, Func<UserRow, UnitOfWork, Task<bool>> change)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var user = await work.Db.Set<UserRow>().SingleOrDefaultAsync(u => u.Id == id)
            ?? throw new ProblemException(ErrorCodes.AccessUserNotFound);
        if (!await change(user, work))
        {
            return;
        }

        work.Record(entry.Draft(type, action, "user_updated", Target(user)), user);
        if (type != AccessEvents.UserEnabled)
        {
            await sessions.RevokeAllAsync(work, id, null, entry, CancellationToken.None);
        }

        await work.CommitAsync(CancellationToken.None);
        sessions.Ended(id);
    }

    private static async Task<IReadOnlyList<(RoleGrantRow Grant, string Role)>> GrantsAsync(
        ProbityDb db, string? userId, CancellationToken cancellationToken)
    {
        var rows = await db.Set<RoleGrantRow>().AsNoTracking().Where(g => g.RevokedAt == null && (userId == null || g.UserId == userId))
            .Join(db.Set<RoleRow>(), g => g.RoleId, r => r.Id, (g, r) => new { g, r.Name }).ToListAsync(cancellationToken);
        return [.. rows.Select(r => (r.g, r.Name))];
    }

    private string Invite(UserRow user)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        user.InvitationHash = UserSecrets.HashToken(token);
        user.InvitationExpiresAt = time.GetUtcNow() + InvitationLifetime;
        return token;
    }

    private static void Check(UserRow user, IdentityResult result)
    {
        if (!Logins.IsUsable(user.Login) || result.Errors.Any(e => e.Code == "InvalidUserName"))
        {
            throw UserRefusal.Login();
        }

        if (!result.Succeeded)
        {
            throw new ProblemException(ErrorCodes.AccessLoginTaken);
        }
    }

    private static async Task CommitAsync(UnitOfWork work, CancellationToken cancellationToken)
    {
        try
        {
            await work.CommitAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            // Someone took the login, or used the same key, between reading and writing.
            throw new ProblemException(ErrorCodes.AccessLoginTaken);
        }
    }

    private static EntryTarget Target(UserRow user) => new("user", user.Id) { Name = user.Name };
}
