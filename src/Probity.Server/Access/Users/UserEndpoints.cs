using Microsoft.AspNetCore.Http.HttpResults;
using Probity.Contracts.Access;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;

namespace Probity.Server.Access.Users;

/// <summary>Users over the API.</summary>
internal static class UserEndpoints
{
    private const int MaxBodyBytes = 8 * 1024;
    private const string Tag = "users";
    private const string Colleagues = "Names of colleagues are no personal data of customers";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/users", CreateAsync).RequiresPermission(Permission.ManageUsers).RequiresStepUp()
            .Records(AccessEvents.UserCreated).LimitsBody(MaxBodyBytes)
            .WithName("createUser").WithSummary("Create a user without any role; the invitation is told once")
            .WithRequestExample("""{"login":"ben","name":"Ben Okafor"}""").WithTags(Tag);
        api.MapGet("/users", async (UserDesk desk, CancellationToken token) => TypedResults.Ok(new UserList(await desk.ListAsync(token))))
            .RequiresPermission(Permission.ReadUsers).RecordsNothing(Colleagues)
            .WithName("listUsers").WithSummary("List users and what they hold").WithTags(Tag);
        api.MapGet("/users/{id}", async (string id, UserDesk desk, CancellationToken token) => TypedResults.Ok(await desk.GetAsync(id, token)))
            .RequiresPermission(Permission.ReadUsers).RecordsNothing(Colleagues)
            .WithName("getUser").WithSummary("Read one user").WithTags(Tag);
        api.MapPost("/users/{id}:disable", DisableAsync).RequiresPermission(Permission.ManageUsers).Records(AccessEvents.UserDisabled)
            .WithName("disableUser").WithSummary("End the sessions and keys of a user, and refuse new ones").WithTags(Tag);
        api.MapPost("/users/{id}:enable", EnableAsync).RequiresPermission(Permission.ManageUsers).RequiresStepUp()
            .Records(AccessEvents.UserEnabled)
            .WithName("enableUser").WithSummary("Let a disabled user in again").WithTags(Tag);
        api.MapPost("/users/{id}:reset", ResetAsync).RequiresPermission(Permission.ManageUsers).RequiresStepUp()
            .Records(AccessEvents.UserReset)
            .WithName("resetUser").WithSummary("Take away every credential of a user and invite anew").WithTags(Tag);
    }

    private static async Task<Created<InvitedUser>> CreateAsync(
        CreateUser request, HttpContext http, UserDesk desk, CreationKeys creations, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var creation = await creations.BeginAsync(http, caller, request);
        var made = await desk.CreateAsync(request, creation, AccessEntry.Of(http, caller, time), http.RequestAborted);
        return TypedResults.Created($"/api/v1/users/{made.User.Id}", made);
    }

    private static async Task<NoContent> DisableAsync(string id, HttpContext http, UserDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        await desk.DisableAsync(id, caller, AccessEntry.Of(http, caller, time));
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> EnableAsync(string id, HttpContext http, UserDesk desk, TimeProvider time)
    {
        await desk.EnableAsync(id, AccessEntry.Of(http, http.RequireCaller(), time));
        return TypedResults.NoContent();
    }

    private static async Task<Ok<InvitedUser>> ResetAsync(string id, HttpContext http, UserDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        return TypedResults.Ok(await desk.ResetAsync(id, caller, AccessEntry.Of(http, caller, time)));
    }
}
