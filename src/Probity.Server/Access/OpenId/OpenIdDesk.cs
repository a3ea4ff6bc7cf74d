using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Server.Access.Sessions;
using Probity.Server.Access.SignIn;
using Probity.Server.Access.Users;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage.Commits;
using Probity.Server.Storage;

namespace Probity.Server.Access.OpenId;

/// <summary>
/// Signs people in whom the OpenID provider vouches for. A person is found by issuer and subject, never by a name that
/// can change hands; whoever is not known is made here if a group stands for a role, and takes the roles of the groups.
/// </summary>
internal sealed class OpenIdDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, OpenIdClient client, OpenIdPeople people, GroupRoles groups,
        SignInDesk signIn,
    SignInChecks checks, SessionDesk sessions, SealedState states, TimeProvider time)
{
    public const string Method = "oidc";
    private const string Purpose = "oidc ceremony";

    // How old a fresh proof may be when the browser is back with it.
    private static readonly TimeSpan s_freshProof = TimeSpan.FromMinutes(5);

    /// <summary>Begins: where to send the browser, and what it keeps meanwhile.</summary>
    public async Task<(string Url, string Sealed)> BeginAsync(string? wanted, string? sessionId,
        CancellationToken cancellationToken)
    {
        var ceremony = OpenIdCeremony.New(wanted, sessionId);
        var url = await client.AuthorizeUrlAsync(ceremony, asksAgain: sessionId is not null, cancellationToken);
        return (url, states.Seal(Purpose, JsonSerializer.Serialize(ceremony)));
    }

    /// <summary>
    /// Ends what <see cref="BeginAsync"/> began: a session, or a fresh proof for one (then the token is null).
    /// </summary>
    /// <exception cref="ProblemException">access.oidc_refused, access.oidc_unavailable,
    /// request.rate_limited.</exception>
    public async Task<(SessionToken? Token, string Return)> EndAsync(OpenIdAnswer answer, string? kept,
        HttpContext http)
    {
        var source = SourceOf(http);
        if (await checks.Lanes.WaitAsync(source, http.RequestAborted) is { Ticks: > 0 } wait)
        {
            throw new ProblemException(ErrorCodes.RequestRateLimited) { RetryAfter = wait };
        }

        // Without a ceremony of ours there is nothing to record: anyone can open this address.
        var ceremony = Open(kept);
        OpenIdPerson person;
        try
        {
            person = await PersonAsync(answer, ceremony, http.RequestAborted);
        }
        catch (OpenIdRefusal refusal)
        {
            throw await FailAsync(http, null, source, refusal.Reason);
        }

        var user = await people.FindAsync(person, http.RequestAborted);
        if (user?.DisabledAt is not null)
        {
            throw await FailAsync(http, user, source, "disabled");
        }

        return ceremony.SessionId is null
            ? (await OpenAsync(person, user, kept!, source, http), ceremony.Return)
            : await ProveAgainAsync(ceremony, person, user, kept!, source, http);
    }

    private OpenIdCeremony Open(string? kept)
    {
        try
        {
            return JsonSerializer.Deserialize<OpenIdCeremony>(states.Open(Purpose, kept ?? ""))
                ?? throw new ProblemException(ErrorCodes.AccessOidcRefused);
        }
        catch (ProblemException refused) when (refused.Code == ErrorCodes.AccessPasskeyRefused)
        {
            throw new ProblemException(ErrorCodes.AccessOidcRefused,
                "It took longer than five minutes, or began in another browser.");
        }
    }

    private async Task<OpenIdPerson> PersonAsync(OpenIdAnswer answer, OpenIdCeremony ceremony,
        CancellationToken cancellationToken)
    {
        var isOurs = CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(answer.State ?? ""), Encoding.UTF8.GetBytes(ceremony.State));
        return !isOurs ? throw new OpenIdRefusal("oidc_state")
            : answer.Error is not null || string.IsNullOrEmpty(answer.Code)
                ? throw new OpenIdRefusal("oidc_refused_there")
            : await client.RedeemAsync(answer.Code, answer.Issuer, ceremony, cancellationToken);
    }

    private async Task<SessionToken> OpenAsync(OpenIdPerson person, UserRow? known, string kept, SignInSource source,
        HttpContext http)
    {
        if (known is null && !groups.Maps(person.Groups))
        {
            throw await FailAsync(http, null, source, "oidc_no_role");
        }

        if ((known ?? await people.MakeAsync(person, AccessEntry.ContextOf(http))) is not { } found)
        {
            throw await FailAsync(http, null, source, "oidc_login_taken");
        }

        await using var work = new UnitOfWork(database, ledger.Value);
        var user = await work.Db.Set<UserRow>().SingleAsync(u => u.Id == found.Id, http.RequestAborted);
        var entry =
            new AccessEntry(new EntryActor("user", user.Id) { Name = user.Name }, AccessEntry.ContextOf(http), time);
        var isChange = await groups.FollowAsync(work, user.Id, person.Groups, Method, entry, http.RequestAborted);
        states.UseUp(work, kept);
        var token = await signIn.OpenAsync(work, user, Method, source, http);
        if (isChange)
        {
            sessions.Ended(user.Id);
        }

        return token;
    }

    private async Task<(SessionToken? Token, string Return)> ProveAgainAsync(
        OpenIdCeremony ceremony, OpenIdPerson person, UserRow? user, string kept, SignInSource source, HttpContext http)
    {
        var now = time.GetUtcNow();
        await using var work = new UnitOfWork(database, ledger.Value);
        var session = await work.Db.Set<SessionRow>()
            .SingleOrDefaultAsync(s => s.Id == ceremony.SessionId && s.RevokedAt == null && s.ExpiresAt > now,
                http.RequestAborted);
        if (session is null || user is null || session.UserId != user.Id)
        {
            throw await FailAsync(http, user, source, "oidc_other_person");
        }

        if (person.ProvedAt is not { } proved || proved < now - s_freshProof)
        {
            throw await FailAsync(http, user, source, "oidc_not_fresh");
        }

        session.StrongAt = now;
        states.UseUp(work, kept);
        var entry =
            new AccessEntry(new EntryActor("user", user.Id) { Name = user.Name, Session = session.Id },
            AccessEntry.ContextOf(http), time);
        work.Record(
            entry.Draft(AccessEvents.SteppedUp, "access.session.step_up", "authn_token_used",
                new EntryTarget("session", session.Id), ("method", Method)),
            session);
        try
        {
            await work.CommitAsync(CancellationToken.None);
        }
        catch (DbUpdateException)
        {
            throw await FailAsync(http, user, source, "raced"); // The answer was used before.
        }

        sessions.RightsRead();
        return (null, ceremony.Return);
    }

    private async Task<ProblemException> FailAsync(HttpContext http, UserRow? user, SignInSource source, string reason)
    {
        _ = await signIn.FailAsync(http, user, source, reason);
        return new ProblemException(ErrorCodes.AccessOidcRefused);
    }

    // Failures count against the network alone: the account is not known before the provider has told it.
    private SignInSource SourceOf(HttpContext http)
    {
        var network = SignInSource.NetworkOf(http.Connection.RemoteIpAddress);
        return new SignInSource(network, checks.DigestOf("oidc " + network), IsKnownDevice: false);
    }
}

/// <summary>What the provider sent the browser back with.</summary>
internal sealed record OpenIdAnswer(string? Code, string? State, string? Issuer, string? Error);
