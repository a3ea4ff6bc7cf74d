using System.Text.Json.Nodes;
using Probity.Contracts.Problems;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;

namespace Probity.Server.Access.Scim;

/// <summary>SCIM 2.0. Source: RFC 7644.</summary>
internal static class ScimEndpoints
{
    private const int MaxBodyBytes = 1024 * 1024;
    private const string Tag = "scim";
    private const string Colleagues = "Names of colleagues are no personal data of customers";
    private const string Description = "It describes this service, the same for everyone";

    public static void Map(IEndpointRouteBuilder root)
    {
        var scim = root.MapGroup("/scim/v2");
        Read(scim, "/ServiceProviderConfig", "getScimConfig", "What this SCIM service can do", Description, _ =>
            Done(ScimDiscovery.Config()));
        Read(scim, "/ResourceTypes", "listScimTypes", "The kinds of SCIM resources", Description, _ =>
            Done(ScimDiscovery.Types()));
        Read(scim, "/ResourceTypes/{name}", "getScimType", "One kind of SCIM resource", Description, http =>
            Done(ScimDiscovery.Type(Route(http, "name"))));
        Read(scim, "/Schemas", "listScimSchemas", "The SCIM schemas", Description, _ => Done(ScimDiscovery.Schemas()));
        Read(scim, "/Schemas/{name}", "getScimSchema", "One SCIM schema", Description, http =>
            Done(ScimDiscovery.Schema(Route(http, "name"))));
        MapUsers(scim);
        MapGroups(scim);
    }

    private static void MapUsers(RouteGroupBuilder scim)
    {
        Read(scim, "/Users", "listScimUsers", "Find users of the SCIM client", Colleagues, http => Users(http)
            .ListAsync(ScimQuery.Of(http.Request), http.RequestAborted));
        Read(scim, "/Users/{id}", "getScimUser", "Read a user", Colleagues, http => Users(http)
            .GetAsync(Route(http, "id"), http.RequestAborted));
        Write(scim.MapPost("/Users", Create((http, body, entry) => Users(http).CreateAsync(body, entry))),
            "createScimUser", "Make a user", AccessEvents.UserCreated);
        Write(scim.MapPut("/Users/{id}",
            Change((http, id, body, match, entry) => Users(http).ReplaceAsync(id, body, match, entry))),
            "replaceScimUser", "Replace a user", AccessEvents.UserUpdated);
        Write(scim.MapPatch("/Users/{id}",
            Change((http, id, body, match, entry) => Users(http).PatchAsync(id, body, match, entry))),
            "patchScimUser", "Change a user; active false ends its sessions at once", AccessEvents.UserUpdated);
        Write(scim.MapDelete("/Users/{id}",
            Delete((http, id, match, entry) => Users(http).DeleteAsync(id, match, entry))),
            "deleteScimUser", "Disable a user for good", AccessEvents.UserDisabled);
    }

    private static void MapGroups(RouteGroupBuilder scim)
    {
        Read(scim, "/Groups", "listScimGroups", "Find groups", Colleagues, http => Groups(http)
            .ListAsync(ScimQuery.Of(http.Request), http.RequestAborted));
        Read(scim, "/Groups/{id}", "getScimGroup", "Read a group", Colleagues, http => Groups(http)
            .GetAsync(Route(http, "id"), http.RequestAborted));
        Write(scim.MapPost("/Groups", Create((http, body, entry) => Groups(http).CreateAsync(body, entry))),
            "createScimGroup", "Make a group", AccessEvents.GroupCreated);
        Write(scim.MapPut("/Groups/{id}",
            Change((http, id, body, match, entry) => Groups(http).ReplaceAsync(id, body, match, entry))),
            "replaceScimGroup", "Replace a group and its members", AccessEvents.GroupChanged);
        Write(scim.MapPatch("/Groups/{id}",
            Change((http, id, body, match, entry) => Groups(http).PatchAsync(id, body, match, entry))),
            "patchScimGroup", "Change a group or its members; roles follow at once", AccessEvents.GroupChanged);
        Write(scim.MapDelete("/Groups/{id}",
            Delete((http, id, match, entry) => Groups(http).DeleteAsync(id, match, entry))),
            "deleteScimGroup", "Remove a group, and the roles it gave", AccessEvents.GroupRemoved);
    }

    private static void Read(
        RouteGroupBuilder scim, string path, string name, string summary, string nothing, Func<HttpContext,
            Task<JsonObject>> read) =>
        scim.MapGet(path, Handler(http => AnswerAsync(http, () => read(http))))
            .RequiresPermission(Permission.ManageProvisioning).RecordsNothing(nothing).WithName(name)
                .WithSummary(summary).WithTags(Tag);

    private static void Write(RouteHandlerBuilder endpoint, string name, string summary, string eventType) => endpoint
        .RequiresPermission(Permission.ManageProvisioning).RequiresStepUp().Records(eventType).LimitsBody(MaxBodyBytes)
        .WithName(name).WithSummary(summary).WithTags(Tag);

    // A Delegate by type: a lambda of this form would be taken for a RequestDelegate, and its result dropped.
    private static Delegate Handler(Func<HttpContext, Task<IResult>> handle) => handle;

    private static Delegate Create(Func<HttpContext, JsonObject, AccessEntry, Task<JsonObject>> create) =>
        Handler(http => AnswerAsync(
        http, async () => await create(http, await BodyAsync(http), Entry(http)), StatusCodes.Status201Created));

    private static Delegate Change(Func<HttpContext, string, JsonObject, ScimMatch, AccessEntry,
        Task<JsonObject>> change) => Handler(http => AnswerAsync(
        http, async () =>
            await change(http, Route(http, "id"), await BodyAsync(http), ScimMatch.Of(http.Request), Entry(http))));

    private static Delegate Delete(Func<HttpContext, string, ScimMatch, AccessEntry, Task> delete) =>
        Handler(async http =>
    {
        try
        {
            await delete(http, Route(http, "id"), ScimMatch.Of(http.Request), Entry(http));
            return TypedResults.NoContent();
        }
        catch (Exception fault) when (Refusal(fault) is { } refusal)
        {
            return ScimJson.Error(refusal);
        }
    });

    private static Task<JsonObject> BodyAsync(HttpContext http) =>
        ScimJson.ReadAsync(http.Request, http.RequestAborted);

    private static async Task<IResult> AnswerAsync(HttpContext http, Func<Task<JsonObject>> work,
        int status = StatusCodes.Status200OK)
    {
        try
        {
            var body = await work();
            if (body["meta"]?["version"]?.GetValue<string>() is { } version)
            {
                http.Response.Headers.ETag = version;
                if (HttpMethods.IsGet(http.Request.Method) && http.Request.Headers.IfNoneMatch.Contains(version))
                {
                    return TypedResults.StatusCode(StatusCodes.Status304NotModified);
                }
            }

            if (status == StatusCodes.Status201Created)
            {
                http.Response.Headers.Location = body["meta"]?["location"]?.GetValue<string>();
            }

            return ScimJson.Answer(body, status);
        }
        catch (Exception fault) when (Refusal(fault) is { } refusal)
        {
            return ScimJson.Error(refusal);
        }
    }

    private static ScimException? Refusal(Exception fault) => fault switch
    {
        ScimException refusal => refusal,
        StorageException { Code: "storage.row_changed" } =>
            new ScimException(StatusCodes.Status412PreconditionFailed, null,
                "The resource was changed in this instant: read it again."),
        ProblemException problem when problem.Code == ErrorCodes.AccessUserNotFound => ScimException.NotFound(),
        _ => null,
    };

    private static Task<JsonObject> Done(JsonObject body) => Task.FromResult(body);

    private static ScimUsers Users(HttpContext http) => http.RequestServices.GetRequiredService<ScimUsers>();

    private static ScimGroups Groups(HttpContext http) => http.RequestServices.GetRequiredService<ScimGroups>();

    private static string Route(HttpContext http, string name) => http.Request.RouteValues[name] as string ?? "";

    private static AccessEntry Entry(HttpContext http) =>
        AccessEntry.Of(http, http.RequireCaller(), http.RequestServices.GetRequiredService<TimeProvider>());
}
