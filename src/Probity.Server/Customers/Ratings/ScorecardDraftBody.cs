using System.Net.Http.Headers;
using System.Text.Json;
using Probity.Monitoring.Rating;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.Hosting.Cli;

namespace Probity.Server.Customers.Ratings;

/// <summary><c>probity customers scorecards draft</c>: makes a draft; a second person puts it in force.</summary>
internal static class ScorecardDraftBody
{
    /// <summary>Drafts a scorecard.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="context">What the verb works with.</param>
    /// <param name="more">Adds the services of the desk in a data folder.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<int> RunAsync(
        ScorecardDraftRequest request, VerbContext context, Action<IServiceCollection> more,
        CancellationToken cancellationToken)
    {
        var document = request.Path == ScorecardDesk.Shipped
            ? ScorecardPack.Document().ToArray()
            : DeskVerb.Read(
                request.Path, ScorecardReader.MostBytes, "Shorten its lists or texts.",
                "Correct the path or the rights of the file, or name `shipped`.");
        using var body = new ByteArrayContent(document);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var view = await new DeskVerb(context, request.Remote, more).AskAsync(
            "customers/scorecards?note=" + Uri.EscapeDataString(request.Note), body,
            async (services, entry) => ScorecardView.Of(
                await services.GetRequiredService<ScorecardDesk>().DraftAsync(
                    document, request.Note, entry, cancellationToken),
                null),
            cancellationToken);
        await context.Output.WriteLineAsync(context.IsJson
            ? JsonSerializer.Serialize(view, ServerCall.Json)
            : $"{view.Name}: draft {view.Id}\n"
                + "Nobody is rated by it yet: look at it under Scorecards, try it, and ask for it to come into force.");
        return ExitCode.Done;
    }
}
