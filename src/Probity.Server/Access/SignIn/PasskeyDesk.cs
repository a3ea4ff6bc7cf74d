using System.Text.Json;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Server.Access.Sessions;
using Probity.Server.Access.Users;
using Probity.Server.Hosting.Problems;
using Probity.Server.Hosting.Settings;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.SignIn;

/// <summary>
/// Passkeys: Identity's handler checks them (W3C WebAuthn Level 3, sections 7.1 and 7.2), this keeps them. A passkey with
/// user verification is both factors.
/// </summary>
internal sealed class PasskeyDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, IdentityUsers identity, SealedState states, SignInDesk signIn, PasskeyRules rules)
{
    private const string Registration = "passkey registration ";
    private const string Assertion = "passkey assertion";

    /// <summary>What <c>navigator.credentials.create</c> takes.</summary>
    public async Task<PasskeyOffer> OfferAsync(HttpContext http)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        using var users = identity.Open(work);
        var user = await SelfAsync(work, http);
        var options = await Handler(users).MakeCreationOptionsAsync(
            new PasskeyUserEntity { Id = user.Id, Name = user.Login, DisplayName = user.Name }, http);
        return Offer(options.CreationOptionsJson, Registration + user.Id, options.AttestationState);
    }

    /// <summary>Keeps a new passkey.</summary>
    public async Task<PasskeyView> AddAsync(AddPasskey request, HttpContext http, TimeProvider time)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        using var users = identity.Open(work);
        var user = await SelfAsync(work, http);
        var outcome = await Handler(users).PerformAttestationAsync(new PasskeyAttestationContext
        {
            HttpContext = http,
            CredentialJson = request.Credential.GetRawText(),
            AttestationState = states.Open(Registration + user.Id, request.State),
        });
        if (!outcome.Succeeded || outcome.UserEntity.Id != user.Id)
        {
            throw new ProblemException(ErrorCodes.AccessPasskeyRefused);
        }

        outcome.Passkey.Name = string.IsNullOrWhiteSpace(request.Name) ? "passkey" : request.Name.Trim();
        await new IdentityStore(work).AddOrUpdatePasskeyAsync(user, outcome.Passkey, CancellationToken.None);
        var row = work.Db.ChangeTracker.Entries<UserPasskeyRow>().Single().Entity;
        states.UseUp(work, request.State);
        work.Record(
            AccessEntry.Of(http, http.RequireCaller(), time).Draft(
                AccessEvents.PasskeyAdded, "access.passkey.add", "user_updated", new EntryTarget("passkey", row.Id)),
            row);
        await CommitAsync(work);
        return View(row);
    }

    public async Task<IReadOnlyList<PasskeyView>> ListAsync(HttpContext http)
    {
        await using var db = database.CreateContext();
        var person = http.RequireCaller().PersonId;
        var rows = await db.Set<UserPasskeyRow>().AsNoTracking().Where(p => p.UserId == person).ToListAsync(http.RequestAborted);
        return [.. rows.OrderBy(r => r.CreatedAt).Select(View)];
    }

    public async Task RemoveAsync(string id, HttpContext http, TimeProvider time)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var user = await SelfAsync(work, http);
        var row = await work.Db.Set<UserPasskeyRow>().SingleOrDefaultAsync(p => p.Id == id && p.UserId == user.Id)
            ?? throw new ProblemException(ErrorCodes.AccessPasskeyNotFound);
        work.Remove(row);
        work.Record(
            AccessEntry.Of(http, http.RequireCaller(), time).Draft(
                AccessEvents.PasskeyRemoved, "access.passkey.remove", "user_updated", new EntryTarget("passkey", row.Id)),
            row);
        await work.CommitAsync(CancellationToken.None);
    }

    /// <summary>What <c>navigator.credentials.get</c> takes: the same for everyone, so it tells of no account.</summary>
    public async Task<PasskeyOffer> ChallengeAsync(HttpContext http)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        using var users = identity.Open(work);
        var options = await Handler(users).MakeRequestOptionsAsync(null, http);
        return Offer(options.RequestOptionsJson, Assertion, options.AssertionState);
    }

    /// <summary>Opens a session for whoever holds the passkey.</summary>
    public async Task<SessionToken> SignInAsync(PasskeySignIn request, HttpContext http, SignInChecks checks)
    {
        var source = checks.SourceOf(http, "");
        if (await checks.Lanes.WaitAsync(source, http.RequestAborted) is { Ticks: > 0 } wait)
        {
            throw new ProblemException(ErrorCodes.RequestRateLimited) { RetryAfter = wait };
        }

        await using var work = new UnitOfWork(database, ledger.Value);
        using var users = identity.Open(work);
        var outcome = await Handler(users).PerformAssertionAsync(new PasskeyAssertionContext
        {
            HttpContext = http,
            CredentialJson = request.Credential.GetRawText(),
            AssertionState = states.Open(Assertion, request.State),
        });
        if (!outcome.Succeeded || outcome.User.DisabledAt is not null)
        {
            throw await signIn.FailAsync(http, outcome.User, source, "passkey");
        }

        var key = IdentityStore.IdOf(outcome.Passkey.CredentialId);
        await new IdentityStore(work).AddOrUpdatePasskeyAsync(outcome.User, outcome.Passkey, CancellationToken.None);
        var row = await work.Db.Set<UserPasskeyRow>().SingleAsync(p => p.Id == key);
        states.UseUp(work, request.State);
        return await signIn.OpenAsync(work, outcome.User, "passkey", checks.SourceOf(http, outcome.User.LoginKey), http, row);
    }

    private PasskeyHandler<UserRow> Handler(UserManager<UserRow> users) => new(users, rules.Options);

    private PasskeyOffer Offer(string options, string purpose, string? state)
    {
        using var json = JsonDocument.Parse(options);
        return new PasskeyOffer(json.RootElement.Clone(), states.Seal(purpose, state ?? ""));
    }

    private static async Task<UserRow> SelfAsync(UnitOfWork work, HttpContext http)
    {
        var caller = http.RequireCaller();
        return await work.Db.Set<UserRow>().SingleOrDefaultAsync(u => u.Id == caller.Id, http.RequestAborted)
            ?? throw new ProblemException(ErrorCodes.AccessForbidden, "Only a person has passkeys.");
    }

    private static async Task CommitAsync(UnitOfWork work)
    {
        try
        {
            await work.CommitAsync(CancellationToken.None);
        }
        catch (DbUpdateException)
        {
            throw new ProblemException(ErrorCodes.AccessPasskeyRefused); // The state was used before.
        }
    }

    private static PasskeyView View(UserPasskeyRow row) => new(row.Id, row.Name, row.IsBackedUp, row.CreatedAt);
}

/// <summary>What passkeys of this installation must be.</summary>
internal sealed class PasskeyRules
{
    public PasskeyRules(ProbitySettings settings)
    {
        // Where the installation is reached, not what a Host header says.
        var origin = settings.PublicUrl.GetLeftPart(UriPartial.Authority);
        Options = Microsoft.Extensions.Options.Options.Create(new IdentityPasskeyOptions
        {
            ServerDomain = settings.PublicUrl.Host,
            UserVerificationRequirement = "required",
            ResidentKeyRequirement = "required",
            ValidateOrigin = context => ValueTask.FromResult(
                !context.CrossOrigin && string.Equals(context.Origin, origin, StringComparison.OrdinalIgnoreCase)),
        });
    }

    public IOptions<IdentityPasskeyOptions> Options { get; }
}
