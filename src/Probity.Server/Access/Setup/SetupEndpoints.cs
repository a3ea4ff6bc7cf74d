using Microsoft.AspNetCore.Http.HttpResults;
using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Server.Access.SignIn;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Access.Setup;

/// <summary>Makes the first administrator, once.</summary>
internal static class SetupEndpoints
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/setup", SetUpAsync)
        .Public("There is nobody yet; the token of the link stands for the operator").Records(AccessEvents.SetUp)
        .LimitsBody(SessionEndpoints.MaxBodyBytes).WithMetadata(new ProvenByOrigin("It uses no session"))
        .WithName("setUp").WithSummary("Make the first administrator with the token of the set-up link")
        .WithRequestExample("""{"token":"…","login":"ana","password":"four unrelated plain words"}""").WithTags("session");

    private static async Task<Created<UserView>> SetUpAsync(
        SetUp request, HttpContext http, FirstAdministrator first, CrossSiteGuard guard)
    {
        if (!guard.PassesSignIn(http.Request))
        {
            throw new ProblemException(ErrorCodes.AccessCrossSite);
        }

        var user = await first.MakeAsync(request, http);
        return TypedResults.Created($"/api/v1/users/{user.Id}", user);
    }
}
