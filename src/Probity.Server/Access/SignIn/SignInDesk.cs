using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Server.Access.Sessions;
using Probity.Server.Access.Users;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.SignIn;

/// <summary>
/// Signs people in. Every try leaves an entry, and what goes wrong is answered in one way: which part was wrong, and
/// whether the login exists, shows neither in the answer nor in the time it takes.
/// </summary>
internal sealed class SignInDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, PasswordQueue passwords, SessionDesk sessions, LoginDigest digest,
    TimeProvider time)
{
    private const int MaxPasswordLength = PasswordRules.MaxLength;
    private const string Action = "access.session.sign_in";

    /// <summary>Opens a session.</summary>
    /// <exception cref="ProblemException">access.sign_in_failed.</exception>
    public async Task<(SessionRow Session, SessionToken Token)> SignInAsync(Contracts.Access.SignIn request, HttpContext http)
    {
        var key = Logins.Normalize(request.Login);
        await using var work = new UnitOfWork(database, ledger.Value);
        var user = await work.Db.Set<UserRow>().SingleOrDefaultAsync(u => u.LoginKey == key, http.RequestAborted);
        var isFit = request.Password.Length <= MaxPasswordLength;
        var verdict = await passwords.VerifyAsync(
            isFit ? user?.PasswordHash : null, isFit ? request.Password : "", http.RequestAborted);
        if (verdict == PasswordVerificationResult.Failed || user is null || user.DisabledAt is not null)
        {
            await RecordFailureAsync(http, user, key, user?.DisabledAt is not null ? "disabled" : "credentials");
            throw new ProblemException(ErrorCodes.AccessSignInFailed);
        }

        var (session, token) = sessions.Open(work, user, "password", isStrong: false, http);
        work.Record(
            Entry(http, user).Draft(
                AccessEvents.SignedIn, Action, "authn_login_success", new EntryTarget("session", session.Id), ("method", session.Method)),
            session);
        await work.CommitAsync(CancellationToken.None);
        return (session, token);
    }

    private async Task RecordFailureAsync(HttpContext http, UserRow? user, string key, string reason)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var draft = Entry(http, user).Draft(
            AccessEvents.SignInFailed, Action, "authn_login_fail", null, ("reason", reason), ("login_digest", digest.Of(key)));
        work.Record(draft with { Outcome = "failure" });
        await work.CommitAsync(CancellationToken.None);
    }

    private AccessEntry Entry(HttpContext http, UserRow? user) => new(
        user is null ? new EntryActor("user", "unknown") : new EntryActor("user", user.Id) { Name = user.Name },
        AccessEntry.ContextOf(http),
        time);
}
