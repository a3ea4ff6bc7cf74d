using Microsoft.EntityFrameworkCore;
using Probity.Server.Access.Users;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.OpenId;

/// <summary>
/// Which user a person of the provider is. One whom SCIM made is joined by the directory's id for the person, once;
/// neither login nor address joins anything, since both can be given to someone else.
/// </summary>
internal sealed class OpenIdPeople(IDatabase database, Lazy<ILedgerWriter> ledger, UserSecrets secrets,
    TimeProvider time)
{
    /// <summary>The user of a person; null when there is none.</summary>
    public async Task<UserRow?> FindAsync(OpenIdPerson person, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var key = person.Key;
        var known = await work.Db.Set<UserRow>().Where(u => u.ExternalSubject == key).OrderBy(u => u.Id)
            .FirstOrDefaultAsync(cancellationToken);
        if (known is not null)
        {
            return known;
        }

        string[] ids = [person.Subject, person.ObjectId ?? person.Subject];
        var provisioned = await work.Db.Set<UserRow>()
            .Where(u => u.ExternalSubject == null && u.ExternalId != null && ids.Contains(u.ExternalId)
                && u.PasswordHash == null)
            .OrderBy(u => u.Id).Take(2).ToListAsync(cancellationToken);
        if (provisioned.Count != 1)
        {
            return null;
        }

        provisioned[0].ExternalSubject = key;
        work.Record(
            new AccessEntry(Caller.Server.ToActor(), null, time).Draft(
                AccessEvents.UserUpdated, "access.user.join", "user_updated", Target(provisioned[0]),
                    ("source", OpenIdDesk.Method)),
            provisioned[0]);
        await work.CommitAsync(CancellationToken.None);
        return provisioned[0];
    }

    /// <summary>Makes a user without any right; null when the login is another's or cannot be one.</summary>
    public async Task<UserRow?> MakeAsync(OpenIdPerson person, EntryContext context)
    {
        if (!Logins.IsUsable(person.Login))
        {
            return null;
        }

        await using var work = new UnitOfWork(database, ledger.Value);
        var now = time.GetUtcNow();
        var key = Logins.Normalize(person.Login);
        if (await work.Db.Set<UserRow>().AnyAsync(u => u.LoginKey == key))
        {
            return null;
        }

        var user = new UserRow
        {
            Id = AccessIds.New(AccessIds.User, now),
            Login = person.Login,
            LoginKey = key,
            Name = person.Name ?? person.Login,
            Email = person.Email,
            SecurityStamp = secrets.NewStamp(),
            ExternalSubject = person.Key,
            CreatedAt = now,
        };
        work.Add(user);
        work.Record(
            new AccessEntry(Caller.Server.ToActor(), context, time).Draft(
                AccessEvents.UserCreated, "access.user.create", "user_created", Target(user),
                    ("source", OpenIdDesk.Method)),
            user);
        try
        {
            await work.CommitAsync(CancellationToken.None);
            return user;
        }
        catch (DbUpdateException)
        {
            return null; // Someone took the login between reading and writing.
        }
    }

    private static EntryTarget Target(UserRow user) => new("user", user.Id) { Name = user.Name };
}
