using Probity.Contracts.Problems;
using Probity.Server.Access.Sessions;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Access;

/// <summary>
/// Lets a request pass to its endpoint only if the endpoint says who may call it and the caller is one of those. Without
/// a declaration the answer is no.
/// </summary>
internal sealed class AccessMiddleware(
    RequestDelegate next,
    RequestCredentials credentials,
    DeniedRecorder denied,
    RequestQuota quota,
    AccessMetrics metrics,
    TimeProvider clock,
    ILogger<AccessMiddleware> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        // Routing answers 404, 405 and 415 through endpoints of its own, which are no route of ours.
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            await next(context);
            return;
        }

        var declared = endpoint.Metadata.GetMetadata<AccessDeclaration>();
        if (declared is null)
        {
            log.UndeclaredEndpoint(endpoint.RoutePattern.RawText ?? "");
            await RefuseAsync(context, ErrorCodes.AccessForbidden, null);
            return;
        }

        var outcome = await credentials.ReadAsync(context);
        if (outcome.Refusal == ErrorCodes.AccessCrossSite)
        {
            await DenyAsync(context, null, ErrorCodes.AccessCrossSite, null);
            return;
        }

        quota.Take(context, outcome.Caller);
        if (outcome.Caller is { } caller)
        {
            context.SetCaller(caller);
        }

        await JudgeAsync(context, declared, outcome);
    }

    private Task JudgeAsync(HttpContext context, AccessDeclaration declared, Authentication outcome)
    {
        if (declared.Permission is not { } permission)
        {
            return next(context);
        }

        if (outcome.Caller is not { } caller)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"probity\"";
            return RefuseAsync(context, outcome.Refusal ?? ErrorCodes.AccessUnauthenticated, null);
        }

        if (!caller.Has(permission))
        {
            var why = caller.MustEnrol ? ErrorCodes.AccessSecondFactorRequired : ErrorCodes.AccessForbidden;
            return DenyAsync(context, caller, why, permission);
        }

        return context.GetEndpoint()?.Metadata.GetMetadata<StepUpDeclaration>() is not null && !IsFresh(caller)
            ? DenyAsync(context, caller, ErrorCodes.AccessStepUpNeeded, null)
            : PassAsync(context, caller);
    }

    private bool IsFresh(Caller caller) =>
        caller.Kind != CallerKind.Person || caller.StrongAt + SessionLimits.Strong > clock.GetUtcNow();

    /// <summary>A refusal the endpoint itself makes leaves an entry like one made here.</summary>
    private async Task PassAsync(HttpContext context, Caller caller)
    {
        try
        {
            await next(context);
        }
        catch (ProblemException refused) when (refused.Code.Status == StatusCodes.Status403Forbidden)
        {
            metrics.Refused(refused.Code);
            await denied.RecordAsync(context, caller, refused.Code.Code, null);
            throw;
        }
    }

    private async Task DenyAsync(HttpContext context, Caller? caller, ErrorCode code, string? permission)
    {
        await denied.RecordAsync(context, caller, code.Code, permission);
        await RefuseAsync(context, code, permission is null ? null : $"The permission {permission} is needed.");
    }

    private Task RefuseAsync(HttpContext context, ErrorCode code, string? detail)
    {
        metrics.Refused(code);
        return ProblemWriter.WriteAsync(context, Problem.Of(code, detail));
    }
}
