using Microsoft.AspNetCore.Http.HttpResults;
using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Access.SignIn;

/// <summary>One's own account over the API.</summary>
internal static class AccountEndpoints
{
    private const int MaxBodyBytes = 8 * 1024;
    private const string Tag = "account";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/password", AcceptAsync)
            .Public("The invitation stands for the person").Records(AccessEvents.PasswordSet).LimitsBody(MaxBodyBytes)
            .WithMetadata(new ProvenByOrigin("It uses no session"))
            .WithName("acceptInvitation").WithSummary("Set a password with an invitation, which is used up").WithTags(Tag);
        api.MapPost("/account/password", async (ChangePassword request, HttpContext http, AccountDesk desk) =>
        {
            await desk.ChangePasswordAsync(request, http);
            return TypedResults.NoContent();
        }).RequiresPermission(Permission.UseOwnAccount).Records(AccessEvents.PasswordSet).LimitsBody(MaxBodyBytes)
            .WithName("changePassword").WithSummary("Change one's password; other sessions end").WithTags(Tag);
        api.MapPost("/account/totp", async (HttpContext http, AccountDesk desk) => TypedResults.Ok(await desk.OfferTotpAsync(http)))
            .RequiresPermission(Permission.UseOwnAccount).RequiresStepUp().Records(AccessEvents.TotpOffered)
            .WithName("offerTotp").WithSummary("Get a secret for an authenticator app").WithTags(Tag);
        api.MapPost("/account/totp:confirm", async (TotpCode request, HttpContext http, AccountDesk desk) =>
            TypedResults.Ok(await desk.ConfirmTotpAsync(request, http)))
            .RequiresPermission(Permission.UseOwnAccount).RequiresStepUp().Records(AccessEvents.TotpSet).LimitsBody(MaxBodyBytes)
            .WithName("confirmTotp").WithSummary("Switch the authenticator app on with its first code; recovery codes are told once").WithTags(Tag);
        api.MapDelete("/account/totp", async (HttpContext http, AccountDesk desk) =>
        {
            await desk.RemoveTotpAsync(http);
            return TypedResults.NoContent();
        }).RequiresPermission(Permission.UseOwnAccount).RequiresStepUp().Records(AccessEvents.TotpRemoved)
            .WithName("removeTotp").WithSummary("Stop using the authenticator app").WithTags(Tag);
        api.MapPost("/session:stepUp", async (StepUp request, HttpContext http, AccountDesk desk) =>
        {
            await desk.StepUpAsync(request, http);
            return TypedResults.NoContent();
        }).RequiresPermission(Permission.UseOwnAccount).Records(AccessEvents.SteppedUp).LimitsBody(MaxBodyBytes)
            .WithName("stepUp").WithSummary("Prove oneself again, for what needs a recent proof").WithTags("session");
    }

    private static async Task<NoContent> AcceptAsync(SetPassword request, HttpContext http, AccountDesk desk, CrossSiteGuard guard)
    {
        if (!guard.PassesSignIn(http.Request))
        {
            throw new ProblemException(ErrorCodes.AccessCrossSite);
        }

        await desk.AcceptAsync(request, http);
        return TypedResults.NoContent();
    }
}
