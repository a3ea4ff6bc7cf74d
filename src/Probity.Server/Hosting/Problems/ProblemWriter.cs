using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Probity.Contracts.Problems;
using Probity.Server.Ui;

namespace Probity.Server.Hosting.Problems;

/// <summary>The one place where a refusal becomes an answer. Source: RFC 9457.</summary>
internal static class ProblemWriter
{
    private static readonly TimeSpan s_defaultRetryAfter = TimeSpan.FromSeconds(1);

    public static async Task WriteAsync(HttpContext context, Problem problem, TimeSpan? retryAfter = null)
    {
        if (PageRefusal.AppliesTo(context))
        {
            await PageRefusal.WriteAsync(context, problem);
            return;
        }

        var response = context.Response;
        response.StatusCode = problem.Status;
        response.ContentType = Problem.MediaType;
        response.Headers.CacheControl = "no-store";
        if (problem.Status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status429TooManyRequests)
        {
            var seconds = Math.Max(1, (long)Math.Ceiling((retryAfter ?? s_defaultRetryAfter).TotalSeconds));
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        var complete = problem with
        {
            Instance = problem.Instance ?? context.Request.PathBase.Add(context.Request.Path).ToUriComponent(),
            TraceId = problem.TraceId ?? Activity.Current?.TraceId.ToHexString(),
        };
        var body = JsonSerializer.SerializeToUtf8Bytes(complete, ProblemJson.Default.Problem);
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, CancellationToken.None);
        }
    }
}
