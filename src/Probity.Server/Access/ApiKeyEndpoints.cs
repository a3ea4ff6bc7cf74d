using Microsoft.AspNetCore.Http.HttpResults;
using Probity.Contracts.ApiKeys;
using Probity.Contracts.Problems;
using Probity.Server.Access.Sessions;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Access;

/// <summary>Creating, listing and revoking API keys.</summary>
internal static class ApiKeyEndpoints
{
    private const int MaxNameLength = 200;
    private const int MaxBodyBytes = 16 * 1024;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/api-keys", CreateAsync)
            .RequiresPermission(Permission.ManageKeys).RequiresStepUp().Records(ApiKeyEvents.Created).LimitsBody(MaxBodyBytes)
            .WithName("createApiKey").WithSummary("Create an API key; its secret is told once")
            .WithRequestExample("""{"name":"core banking","owner":"payments team","scopes":["ledger.event.append"]}""")
            .WithTags("api-keys");
        api.MapGet("/api-keys", ListAsync)
            .RequiresPermission(Permission.ManageKeys).RecordsNothing("Names of keys are no personal data of customers")
            .WithName("listApiKeys").WithSummary("List API keys, newest first").WithTags("api-keys");
        api.MapGet("/api-keys/{id}", GetAsync)
            .RequiresPermission(Permission.ManageKeys).RecordsNothing("Names of keys are no personal data of customers")
            .WithName("getApiKey").WithSummary("Read one API key").WithTags("api-keys");
        api.MapDelete("/api-keys/{id}", RevokeAsync)
            .RequiresPermission(Permission.ManageKeys).Records(ApiKeyEvents.Revoked)
            .WithName("revokeApiKey").WithSummary("Revoke an API key, at once on this node and within 5 s on others")
            .WithTags("api-keys");
    }

    private static async Task<Created<CreatedApiKey>> CreateAsync(
        CreateApiKey request, HttpContext context, ApiKeyIssuer issuer, CreationKeys creations, CancellationToken cancellationToken)
    {
        var caller = context.Caller() ?? throw new ProblemException(ErrorCodes.AccessUnauthenticated);
        var scopes = Check(request, caller);
        var creation = await creations.BeginAsync(context, caller, request);
        var (key, secret) = await issuer.IssueAsync(
            new KeyOrder(request.Name.Trim(), request.Owner?.Trim() ?? caller.Owner, scopes)
            {
                ExpiresAt = request.ExpiresAt,
                NeverExpires = request.NeverExpires,
                Creation = creation,
            },
            caller,
            cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/api/v1/api-keys/{key.Id}", new CreatedApiKey(key.ToView(), secret.Reveal()));
    }

    private static async Task<Ok<ApiKeyList>> ListAsync(IApiKeyStore store, CancellationToken cancellationToken)
    {
        var keys = await store.ListAsync(cancellationToken);
        return TypedResults.Ok(new ApiKeyList([.. keys.Select(k => k.ToView())]));
    }

    private static async Task<Ok<ApiKeyView>> GetAsync(string id, IApiKeyStore store, CancellationToken cancellationToken)
    {
        var key = await store.FindAsync(id, cancellationToken) ?? throw new ProblemException(ErrorCodes.AccessKeyNotFound);
        return TypedResults.Ok(key.ToView());
    }

    private static async Task<NoContent> RevokeAsync(
        string id, HttpContext context, IApiKeyStore store, ApiKeyAuthenticator authenticator,
        SessionRevocations revocations, TimeProvider clock, ILogger<ApiKeyIssuer> log)
    {
        var caller = context.Caller() ?? throw new ProblemException(ErrorCodes.AccessUnauthenticated);

        // Not cancelled with the request: a revocation that has begun is finished.
        var key = await store.RevokeAsync(id, clock.GetUtcNow(), caller, CancellationToken.None)
            ?? throw new ProblemException(ErrorCodes.AccessKeyNotFound);
        authenticator.Forget(key);
        revocations.End(key.Id);
        log.KeyRevoked(key.Id);
        return TypedResults.NoContent();
    }

    private static string[] Check(CreateApiKey request, Caller caller)
    {
        var faults = new List<ProblemFault>();
        CheckText("/name", request.Name, faults);
        if (request.Owner is not null)
        {
            CheckText("/owner", request.Owner, faults);
        }

        if (request.NeverExpires && request.ExpiresAt is not null)
        {
            faults.Add(new("/never_expires", ErrorCodes.RequestBadField.Code, "A key that never expires has no expires_at."));
        }

        if (request.Scopes.Count == 0)
        {
            faults.Add(new("/scopes", ErrorCodes.RequestBadField.Code, "A key needs at least one permission."));
        }

        faults.AddRange(request.Scopes.Select((scope, i) => (scope, i)).Where(s => !Permission.IsKnown(s.scope)).Select(s =>
            new ProblemFault($"/scopes/{s.i}", ErrorCodes.AccessUnknownPermission.Code, "No permission has this name.")));
        if (faults.Count > 0)
        {
            throw new ProblemException(ErrorCodes.RequestBadField) { Faults = faults };
        }

        var missing = request.Scopes.Where(s => !caller.Has(s)).Order(StringComparer.Ordinal).ToArray();
        return missing.Length == 0
            ? [.. request.Scopes.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]
            : throw new ProblemException(ErrorCodes.AccessScopeEscalation, $"The caller lacks {string.Join(", ", missing)}.");
    }

    private static void CheckText(string place, string text, List<ProblemFault> faults)
    {
        if (text.Trim().Length is 0 or > MaxNameLength || text.Any(char.IsControl))
        {
            faults.Add(new(place, ErrorCodes.RequestBadField.Code, "Give 1 to 200 characters without control characters."));
        }
    }
}
