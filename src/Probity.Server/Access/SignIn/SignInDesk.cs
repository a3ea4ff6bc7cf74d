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
    IDatabase database, Lazy<ILedgerWriter> ledger, SignInChecks checks, SessionDesk sessions, TimeProvider time)
{
    private const string Action = "access.session.sign_in";

    /// <summary>Opens a session.</summary>
    /// <exception cref="ProblemException">access.sign_in_failed, access.second_factor_needed, request.rate_limited.</exception>
    public async Task<SessionToken> SignInAsync(Contracts.Access.SignIn request, HttpContext http)
    {
        var key = Logins.Normalize(request.Login);
        var source = checks.SourceOf(http, key);
        if (await checks.Lanes.WaitAsync(source, http.RequestAborted) is { Ticks: > 0 } wait)
        {
            throw new ProblemException(ErrorCodes.RequestRateLimited) { RetryAfter = wait };
        }

        await using var work = new UnitOfWork(database, ledger.Value);

        // A row is read whether the login exists or not, by the same statement: reading none is faster, and tells.
        var nearest = await work.Db.Set<UserRow>()
            .OrderBy(u => u.LoginKey == key ? 0 : 1).ThenBy(u => u.Id).FirstOrDefaultAsync(http.RequestAborted);
        var user = nearest?.LoginKey == key ? nearest : null;
        var verdict = await checks.PasswordAsync(user, request.Password, http.RequestAborted);
        if (verdict == PasswordVerificationResult.Failed || user is null || user.DisabledAt is not null)
        {
            throw await FailAsync(http, user, source, user?.DisabledAt is not null ? "disabled" : "credentials");
        }

        var method = await SecondAsync(http, user, source, request.Code);
        if (verdict == PasswordVerificationResult.SuccessRehashNeeded)
        {
            user.PasswordHash = await checks.HashAsync(request.Password, http.RequestAborted);
        }

        return await OpenAsync(work, user, method, source, http);
    }

    /// <summary>Opens a session for someone who proved itself otherwise.</summary>
    public async Task<SessionToken> OpenAsync(UnitOfWork work, UserRow user, string method, SignInSource source, HttpContext http, UserPasskeyRow? passkey = null)
    {
        var (session, token) = sessions.Open(work, user, method, isStrong: true, http);
        var entry = Entry(http, user);
        work.Record(
            entry.Draft(AccessEvents.SignedIn, Action, "authn_login_success", new EntryTarget("session", session.Id), ("method", method)),
            session);
        if (work.Db.Entry(user).State == EntityState.Modified)
        {
            work.Record(
                entry.Draft(AccessEvents.FactorUsed, "access.factor.use", "authn_token_used", new EntryTarget("user", user.Id), ("method", method)),
                user);
        }

        if (passkey is not null && work.Db.Entry(passkey).State == EntityState.Modified)
        {
            work.Record(
                entry.Draft(AccessEvents.FactorUsed, "access.factor.use", "authn_token_used", new EntryTarget("passkey", passkey.Id), ("method", method)),
                passkey);
        }

        try
        {
            await work.CommitAsync(CancellationToken.None);
        }
        catch (Exception changed) when (changed is DbUpdateException or StorageException { Code: "storage.row_changed" })
        {
            // Someone used the same code in this instant, or the user was changed: neither gets in on what was read before.
            throw await FailAsync(http, user, source, "raced");
        }

        await checks.Lanes.SucceedAsync(source);
        checks.Device.Write(http, source.Account);
        return token;
    }

    /// <summary>Counts and records a failure; the refusal to throw.</summary>
    public async Task<ProblemException> FailAsync(HttpContext http, UserRow? user, SignInSource source, string reason)
    {
        var isFull = await checks.Lanes.FailAsync(source);
        await using var work = new UnitOfWork(database, ledger.Value);

        // Without the name, which only a login that exists has: encrypting and indexing it takes a measurable time.
        var entry = Entry(http, user) with { Actor = new EntryActor("user", user?.Id ?? "unknown") };
        work.Record(entry.Draft(
            AccessEvents.SignInFailed, Action, "authn_login_fail", null, ("reason", reason), ("login_digest", source.Account))
            with { Outcome = "failure" });
        if (isFull)
        {
            work.Record(entry.Draft(
                AccessEvents.SignInThrottled, Action, "authn_login_lock", null, ("login_digest", source.Account))
                with { Outcome = "denied" });
        }

        await work.CommitAsync(CancellationToken.None);
        return new ProblemException(ErrorCodes.AccessSignInFailed);
    }

    private async Task<string> SecondAsync(HttpContext http, UserRow user, SignInSource source, string? code)
    {
        if (user.TotpSecret is null)
        {
            return SessionRow.PasswordAlone;
        }

        if (string.IsNullOrEmpty(code))
        {
            await using var work = new UnitOfWork(database, ledger.Value);
            work.Record(Entry(http, user).Draft(AccessEvents.FactorAsked, Action, "authn_login_success", null, ("method", "password")));
            await work.CommitAsync(CancellationToken.None);
            throw new ProblemException(ErrorCodes.AccessSecondFactorNeeded);
        }

        return checks.Second.Use(user, code) is { } factor ? "password+" + factor : throw await FailAsync(http, user, source, "code");
    }

    private AccessEntry Entry(HttpContext http, UserRow? user) => new(
        user is null ? new EntryActor("user", "unknown") : new EntryActor("user", user.Id) { Name = user.Name },
        AccessEntry.ContextOf(http),
        time);
}
