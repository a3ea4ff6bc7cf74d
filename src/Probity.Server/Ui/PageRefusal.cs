using System.Diagnostics;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http.HttpResults;
using Probity.Contracts.Problems;
using Probity.Server.Ui.Pages;

namespace Probity.Server.Ui;

/// <summary>How a refusal reaches a person: as a page, or as the way to sign in; programs keep getting problem+json.</summary>
internal static class PageRefusal
{
    /// <summary>Whether a browser asked for a page, not a program for an answer.</summary>
    public static bool AppliesTo(HttpContext context)
    {
        var isPage = context.GetEndpoint() is not RouteEndpoint endpoint || endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null;
        return isPage && HttpMethods.IsGet(context.Request.Method)
            && !context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)
            && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
    }

    public static Task WriteAsync(HttpContext context, Problem problem)
    {
        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            var here = context.Request.Path + context.Request.QueryString.Value;
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = "/sign-in?return=" + Uri.EscapeDataString(here);
            return Task.CompletedTask;
        }

        if (problem.Code == ErrorCodes.AccessSecondFactorRequired.Code)
        {
            // The way out is there, and it is the only page that opens.
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = "/account";
            return Task.CompletedTask;
        }

        context.Response.Headers.Remove("blazor-enhanced-nav"); // A page that failed may have set it, and it is added again.
        context.Response.Headers.ContentSecurityPolicy = PageConventions.Policy;
        var page = new RazorComponentResult<RefusedPage>(new
        {
            problem.Status,
            problem.Title,
            problem.Detail,
            problem.Code,
            Remedy = ErrorCodes.All.FirstOrDefault(c => c.Code == problem.Code)?.Remedy,
            TraceId = Activity.Current?.TraceId.ToHexString(),
        })
        {
            StatusCode = problem.Status,
        };
        return page.ExecuteAsync(context);
    }
}
