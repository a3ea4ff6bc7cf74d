using System.Data.Common;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Probity.Contracts.Problems;

namespace Probity.Server.Hosting.Problems;

/// <summary>
/// Answers every failure as a problem: refusals as themselves, a bare status (404, 405, 415 and the like) with the code
/// it stands for, anything unexpected as <c>server.unexpected</c> without details, which go to the log.
/// </summary>
internal sealed class ProblemMiddleware(RequestDelegate next, IEnumerable<ProblemMap> maps, ILogger<ProblemMiddleware> log)
{
    private readonly ProblemMap[] _maps = [.. maps];

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested || context.Response.HasStarted)
        {
            // Nobody reads an answer any more, or half of one is out: the connection is cut, so that it reads as broken.
            context.Abort();
            return;
        }
        catch (Exception fault)
        {
            await AnswerAsync(context, fault);
            return;
        }

        if (Bare(context.Response) is { } code)
        {
            await ProblemWriter.WriteAsync(context, Problem.Of(code));
        }
    }

    private async Task AnswerAsync(HttpContext context, Exception fault)
    {
        var mapped = Map(fault);
        if (mapped is null)
        {
            log.Unexpected(context.GetEndpoint()?.DisplayName ?? "no endpoint", fault);
            mapped = new MappedProblem(Problem.Of(ErrorCodes.ServerUnexpected));
        }

        TellStoreFault(context, fault, mapped);
        if (fault is BadHttpRequestException)
        {
            // The body may be half read, and Kestrel cannot tell where the next request begins.
            context.Response.Headers.Connection = "close";
        }

        // Keeps what the outer middleware set, such as the security headers.
        context.Response.ContentLength = null;
        context.Response.Headers.Remove("ETag");
        context.Response.Headers.Remove("Location");
        await ProblemWriter.WriteAsync(context, mapped.Problem, mapped.RetryAfter);
    }

    /// <summary>The caller learns to try again; whoever runs the server needs to know why. Messages may carry names.</summary>
    private void TellStoreFault(HttpContext context, Exception fault, MappedProblem mapped)
    {
        for (var cause = fault; cause is not null; cause = cause.InnerException)
        {
            if (cause is DbException store)
            {
                log.StoreRefused(
                    context.GetEndpoint()?.DisplayName ?? "no endpoint",
                    mapped.Problem.Status,
                    store.SqlState ?? store.GetType().Name);
                return;
            }
        }
    }

    private MappedProblem? Map(Exception fault)
    {
        foreach (var map in _maps)
        {
            if (map.Map(fault) is { } mapped)
            {
                return mapped;
            }
        }

        return fault switch
        {
            ProblemException known => new(Problem.Of(known.Code, known.Detail, known.Faults), known.RetryAfter),
            BadHttpRequestException { InnerException: JsonException json } => new(OfJson(json)),
            BadHttpRequestException bad => new(Problem.Of(OfStatus(bad.StatusCode) ?? ErrorCodes.RequestMalformed)),
            ConnectionResetException => new(Problem.Of(ErrorCodes.RequestMalformed)),
            _ => null,
        };
    }

    // The path is that of System.Text.Json ($.scopes[0]); its message may quote the value, so it is not passed on.
    private static Problem OfJson(JsonException json)
    {
        var pointer = JsonPath.ToPointer(json.Path);
        var isSyntax = json.InnerException is JsonException;
        var code = isSyntax ? ErrorCodes.JsonSyntax : ErrorCodes.RequestBadField;
        return Problem.Of(code, null, [new ProblemFault(pointer, code.Code, code.Title + ".")]);
    }

    private static ErrorCode? Bare(HttpResponse response) =>
        response.HasStarted || response.ContentLength > 0 || response.ContentType is not null ? null : OfStatus(response.StatusCode);

    private static ErrorCode? OfStatus(int status) => status switch
    {
        400 => ErrorCodes.RequestMalformed,
        404 => ErrorCodes.RequestNotFound,
        405 => ErrorCodes.RequestMethodNotAllowed,
        408 => ErrorCodes.RequestTimeout,
        413 => ErrorCodes.RequestBodyTooLarge,
        415 => ErrorCodes.RequestUnsupportedMediaType,
        431 => ErrorCodes.RequestBadHeader,
        503 or 504 => ErrorCodes.ServerTimeout,
        500 => ErrorCodes.ServerUnexpected,
        _ => null,
    };
}
