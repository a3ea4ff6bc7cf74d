using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Server.Access.Sessions;
using Probity.Server.Access.Users;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.SignIn;

/// <summary>What people do with their own account: password, authenticator app, proof in between.</summary>
internal sealed class AccountDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, SignInChecks checks, PasswordRules rules, SessionDesk sessions, TimeProvider time)
{
    private const string Issuer = "Probity";

    /// <summary>Sets a password with an invitation, which is used up.</summary>
    public async Task AcceptAsync(SetPassword request, HttpContext http)
    {
        var hash = UserSecrets.HashToken(request.Invitation);
        await using var work = new UnitOfWork(database, ledger.Value);
        var now = time.GetUtcNow();
        var user = await work.Db.Set<UserRow>().SingleOrDefaultAsync(
            u => u.InvitationHash == hash && u.InvitationExpiresAt > now && u.DisabledAt == null, http.RequestAborted)
            ?? throw new ProblemException(ErrorCodes.AccessInvitationClosed);
        await SetAsync(work, user, request.Password, http.RequestAborted);
        var entry = new AccessEntry(new EntryActor("user", user.Id) { Name = user.Name }, AccessEntry.ContextOf(http), time);
        work.Record(entry.Draft(AccessEvents.PasswordSet, "access.password.set", "authn_password_change", Target(user), ("by", "invitation")), user);
        await work.CommitAsync(CancellationToken.None);
    }

    /// <summary>Changes the password and ends the person's other sessions.</summary>
    public async Task ChangePasswordAsync(ChangePassword request, HttpContext http)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var (user, caller) = await SelfAsync(work, http);
        await ProvePasswordAsync(user, request.Current, http);
        await SetAsync(work, user, request.Password, http.RequestAborted);
        var entry = AccessEntry.Of(http, caller, time);
        work.Record(entry.Draft(AccessEvents.PasswordSet, "access.password.set", "authn_password_change", Target(user), ("by", "person")), user);
        await sessions.RevokeAllAsync(work, user.Id, caller.SessionId, entry, CancellationToken.None);
        await work.CommitAsync(CancellationToken.None);
        sessions.Ended(user.Id);
    }

    /// <summary>Offers a secret for an authenticator app; it counts only after <see cref="ConfirmTotpAsync"/>.</summary>
    public async Task<TotpOffer> OfferTotpAsync(HttpContext http)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var (user, caller) = await SelfAsync(work, http);
        var secret = Totp.ToBase32(checks.Second.Offer(user));
        work.Record(
            AccessEntry.Of(http, caller, time).Draft(AccessEvents.TotpOffered, "access.totp.offer", "user_updated", Target(user)), user);
        await work.CommitAsync(CancellationToken.None);
        var label = Uri.EscapeDataString($"{Issuer}:{user.Login}");
        return new TotpOffer(secret, $"otpauth://totp/{label}?secret={secret}&issuer={Issuer}&algorithm=SHA1&digits=6&period=30");
    }

    public async Task<RecoveryCodes> ConfirmTotpAsync(TotpCode request, HttpContext http)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var (user, caller) = await SelfAsync(work, http);
        var codes = checks.Second.Confirm(user, request.Code) ?? throw new ProblemException(ErrorCodes.AccessSignInFailed);
        work.Record(
            AccessEntry.Of(http, caller, time).Draft(AccessEvents.TotpSet, "access.totp.set", "user_updated", Target(user)), user);
        await work.CommitAsync(CancellationToken.None);
        return new RecoveryCodes(codes);
    }

    public async Task RemoveTotpAsync(HttpContext http)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var (user, caller) = await SelfAsync(work, http);
        if (user.TotpSecret is null && user.TotpPending is null)
        {
            throw new ProblemException(ErrorCodes.RequestNotFound, "There is no authenticator app to remove.");
        }

        (user.TotpSecret, user.TotpPending, user.RecoveryCodes) = (null, null, null);
        work.Record(
            AccessEntry.Of(http, caller, time).Draft(AccessEvents.TotpRemoved, "access.totp.remove", "user_updated", Target(user)), user);
        await work.CommitAsync(CancellationToken.None);
    }

    /// <summary>Proves the person again: by a code of the app, or by the password of one who has no second factor.</summary>
    public async Task StepUpAsync(StepUp request, HttpContext http)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var (user, caller) = await SelfAsync(work, http);
        var method = "password";
        if (user.TotpSecret is null)
        {
            await ProvePasswordAsync(user, request.Password ?? "", http);
        }
        else
        {
            method = await ProveCodeAsync(user, request.Code ?? "", http);
        }

        var session = await work.Db.Set<SessionRow>().SingleAsync(s => s.Id == caller.SessionId, http.RequestAborted);
        session.StrongAt = time.GetUtcNow();
        var entry = AccessEntry.Of(http, caller, time);
        work.Record(
            entry.Draft(AccessEvents.SteppedUp, "access.session.step_up", "authn_token_used", new EntryTarget("session", session.Id), ("method", method)),
            session);
        if (work.Db.Entry(user).State == EntityState.Modified)
        {
            work.Record(entry.Draft(AccessEvents.FactorUsed, "access.factor.use", "authn_token_used", Target(user), ("method", method)), user);
        }

        await work.CommitAsync(CancellationToken.None);
        sessions.RightsRead();
    }

    private static async Task<(UserRow User, Caller Caller)> SelfAsync(UnitOfWork work, HttpContext http)
    {
        var caller = http.RequireCaller();
        if (caller.Kind != CallerKind.Person || caller.SessionId is null)
        {
            throw new ProblemException(ErrorCodes.AccessForbidden, "Only a person with a session has an account of its own.");
        }

        return (await work.Db.Set<UserRow>().SingleAsync(u => u.Id == caller.Id, http.RequestAborted), caller);
    }

    private async Task ProvePasswordAsync(UserRow user, string password, HttpContext http)
    {
        var source = await AllowAsync(user, http);
        if (await checks.PasswordAsync(user, password, http.RequestAborted) == PasswordVerificationResult.Failed)
        {
            throw await FailAsync(user, source, "password", http);
        }
    }

    private async Task<string> ProveCodeAsync(UserRow user, string code, HttpContext http)
    {
        var source = await AllowAsync(user, http);
        return checks.Second.Use(user, code) ?? throw await FailAsync(user, source, "code", http);
    }

    private async Task<SignInSource> AllowAsync(UserRow user, HttpContext http)
    {
        var source = checks.SourceOf(http, user.LoginKey);
        return await checks.Lanes.WaitAsync(source, http.RequestAborted) is { Ticks: > 0 } wait
            ? throw new ProblemException(ErrorCodes.RequestRateLimited) { RetryAfter = wait }
            : source;
    }

    private async Task<ProblemException> FailAsync(UserRow user, SignInSource source, string reason, HttpContext http)
    {
        await checks.Lanes.FailAsync(source);
        await using var work = new UnitOfWork(database, ledger.Value);
        work.Record(AccessEntry.Of(http, http.RequireCaller(), time).Draft(
            AccessEvents.SignInFailed, "access.session.step_up", "authn_login_fail", Target(user), ("reason", reason))
            with { Outcome = "failure" });
        await work.CommitAsync(CancellationToken.None);
        return new ProblemException(ErrorCodes.AccessSignInFailed);
    }

    private async Task SetAsync(UnitOfWork work, UserRow user, string password, CancellationToken cancellationToken)
    {
        await rules.CheckAsync("/password", password, user.Login, cancellationToken);
        user.PasswordHash = await checks.HashAsync(password, cancellationToken);
        user.PasswordSetAt = time.GetUtcNow();
        (user.InvitationHash, user.InvitationExpiresAt) = (null, null);
        work.Update(user);
    }

    private static EntryTarget Target(UserRow user) => new("user", user.Id) { Name = user.Name };
}
