using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Server.Access.Roles;
using Probity.Server.Access.SignIn;
using Probity.Server.Access.Users;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.Setup;

/// <summary>Makes the first administrator and closes the link.</summary>
internal sealed class FirstAdministrator(
    IDatabase database, Lazy<ILedgerWriter> ledger, SetupLink link, PasswordQueue passwords, PasswordHashing hashing,
    PasswordRules rules, TimeProvider time)
{
    // One id for ever: two nodes that are set up in the same instant make one administrator, the other is refused.
    private const string GrantId = AccessIds.Grant + "set_up";

    public async Task<UserView> MakeAsync(SetUp request, HttpContext http)
    {
        if (!link.Fits(request.Token))
        {
            throw new ProblemException(ErrorCodes.AccessSetupClosed);
        }

        var login = request.Login.Trim();
        if (!Logins.IsUsable(login))
        {
            throw Users.UserRefusal.Login();
        }

        await rules.CheckAsync("/password", request.Password, login, http.RequestAborted);
        var hash = await passwords.RunAsync(() => hashing.HashPassword(null!, request.Password), http.RequestAborted); // Not looked at.
        await using var work = new UnitOfWork(database, ledger.Value);
        if (await work.Db.Set<UserRow>().AnyAsync(http.RequestAborted))
        {
            link.Close();
            throw new ProblemException(ErrorCodes.AccessSetupClosed);
        }

        var (user, grant) = Rows(login, request.Name, hash);
        work.Add(user);
        work.Add(grant);
        var entry = new AccessEntry(new EntryActor("user", user.Id) { Name = user.Name }, AccessEntry.ContextOf(http), time);
        work.Record(entry.Draft(AccessEvents.SetUp, "access.setup", "user_created", new EntryTarget("user", user.Id) { Name = user.Name }), user);
        work.Record(
            entry.Draft(AccessEvents.GrantGiven, "access.grant.give", "privilege_permissions_changed", new EntryTarget("user", user.Id), ("role", BuiltInRoles.Administrator)),
            grant);
        await work.CommitAsync(CancellationToken.None);
        link.Close();
        return UserViews.Of(user, [(grant, BuiltInRoles.Administrator)], 0);
    }

    private (UserRow User, RoleGrantRow Grant) Rows(string login, string? name, string hash)
    {
        var now = time.GetUtcNow();
        var user = new UserRow
        {
            Id = AccessIds.New(AccessIds.User, now),
            Login = login,
            LoginKey = Logins.Normalize(login),
            Name = string.IsNullOrWhiteSpace(name) ? login : name.Trim(),
            PasswordHash = hash,
            PasswordSetAt = now,
            SecurityStamp = Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16)),
            CreatedAt = now,
        };
        var grant = new RoleGrantRow
        {
            Id = GrantId,
            UserId = user.Id,
            RoleId = BuiltInRoles.IdOf(BuiltInRoles.Administrator),
            Scope = EntityScope.All.ToString(),
            Source = "set_up",
            GrantedBy = "probity",
            GrantedAt = now,
        };
        return (user, grant);
    }
}
