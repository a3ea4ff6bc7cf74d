using Microsoft.AspNetCore.Http.HttpResults;
using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Server.Access.Sessions;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Access.SignIn;

/// <summary>Passkeys over the API.</summary>
internal static class PasskeyEndpoints
{
    private const int MaxBodyBytes = 64 * 1024;
    private const string Tag = "passkeys";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/account/passkeys:offer", async (HttpContext http, PasskeyDesk desk) => TypedResults.Ok(await desk.OfferAsync(http)))
            .RequiresPermission(Permission.UseOwnAccount).RequiresStepUp().RecordsNothing("A challenge changes nothing")
            .WithName("offerPasskey").WithSummary("What navigator.credentials.create takes").WithTags(Tag);
        api.MapPost("/account/passkeys", async (AddPasskey request, HttpContext http, PasskeyDesk desk, TimeProvider time) =>
            TypedResults.Ok(await desk.AddAsync(request, http, time)))
            .RequiresPermission(Permission.UseOwnAccount).RequiresStepUp().Records(AccessEvents.PasskeyAdded).LimitsBody(MaxBodyBytes)
            .WithName("addPasskey").WithSummary("Keep a new passkey").WithTags(Tag);
        api.MapGet("/account/passkeys", async (HttpContext http, PasskeyDesk desk) =>
            TypedResults.Ok(new PasskeyList(await desk.ListAsync(http))))
            .RequiresPermission(Permission.UseOwnAccount).RecordsNothing("It says what the caller knows: itself")
            .WithName("listPasskeys").WithSummary("List one's own passkeys").WithTags(Tag);
        api.MapDelete("/account/passkeys/{id}", async (string id, HttpContext http, PasskeyDesk desk, TimeProvider time) =>
        {
            await desk.RemoveAsync(id, http, time);
            return TypedResults.NoContent();
        }).RequiresPermission(Permission.UseOwnAccount).RequiresStepUp().Records(AccessEvents.PasskeyRemoved)
            .WithName("removePasskey").WithSummary("Remove one of one's own passkeys").WithTags(Tag);
        api.MapPost("/session:passkeyOffer", async (HttpContext http, PasskeyDesk desk) => TypedResults.Ok(await desk.ChallengeAsync(http)))
            .Public("Whoever signs in has no session yet").RecordsNothing("A challenge changes nothing")
            .WithMetadata(new ProvenByOrigin("It uses no session"))
            .WithName("offerPasskeySignIn").WithSummary("What navigator.credentials.get takes").WithTags("session");
        api.MapPost("/session:passkey", SignInAsync)
            .Public("Whoever signs in has no session yet").Records(AccessEvents.SignedIn).LimitsBody(MaxBodyBytes)
            .WithMetadata(new ProvenByOrigin("It makes a session and uses none"))
            .WithName("signInWithPasskey").WithSummary("Sign in with a passkey; the answer sets the session cookie").WithTags("session");
    }

    private static async Task<Ok<SessionView>> SignInAsync(
        PasskeySignIn request, HttpContext http, PasskeyDesk desk, SignInChecks checks, SessionReader sessions, CrossSiteGuard guard)
    {
        if (!guard.PassesSignIn(http.Request))
        {
            throw new ProblemException(ErrorCodes.AccessCrossSite);
        }

        var token = await desk.SignInAsync(request, http, checks);
        return await SessionEndpoints.AnswerAsync(http, token, sessions);
    }
}
