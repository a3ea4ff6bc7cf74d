using System.Net.Http.Headers;
using System.Text.Json;
using Probity.Contracts.Problems;
using Probity.Monitoring.Rating;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.Hosting.Cli;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Customers.Ratings;

/// <summary>
/// <c>probity customers scorecards draft</c>: through a server when one is named or holds the data folder, else in the
/// folder itself. It makes a draft; a second person puts it in force.
/// </summary>
internal static class ScorecardDraftBody
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

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
            ? ScorecardPack.Document().ToArray() : Read(request.Path);
        var remote = request.Remote ?? (context.TryGetServer(out var server) ? server : null);
        var view = remote is not null
            ? await SendAsync(document, request.Note, remote, cancellationToken)
            : await KeepAsync(document, request.Note, context, more, cancellationToken);
        await context.Output.WriteLineAsync(context.IsJson
            ? JsonSerializer.Serialize(view, s_json)
            : $"{view.Name}: draft {view.Id}\n"
                + "Nobody is rated by it yet: look at it under Scorecards, try it, and ask for it to come into force.");
        return ExitCode.Done;
    }

    private static byte[] Read(string path)
    {
        try
        {
            return new FileInfo(path).Length <= ScorecardReader.MostBytes
                ? File.ReadAllBytes(path)
                : throw new ExpectedFaultException(
                    $"{path} has more than {ScorecardReader.MostBytes} bytes.", "Shorten its lists or texts.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ExpectedFaultException(
                $"{path} cannot be read: {fault.Message}",
                "Correct the path or the rights of the file, or name `shipped`.", cause: fault);
        }
    }

    private static async Task<ScorecardView> KeepAsync(
        byte[] document, string note, VerbContext context, Action<IServiceCollection> more,
        CancellationToken cancellationToken)
    {
        try
        {
            await using var ledger = await LocalLedger.OpenAsync(context, cancellationToken, more);
            var entry = new AccessEntry(
                Caller.Server.ToActor(), null, ledger.Services.GetRequiredService<TimeProvider>());
            var row = await ledger.Services.GetRequiredService<ScorecardDesk>()
                .DraftAsync(document, note, entry, cancellationToken);
            return ScorecardView.Of(row, null);
        }
        catch (ProblemException refused)
        {
            throw Refused(
                refused.Code.Code, refused.Detail ?? refused.Code.Title,
                (refused.Faults ?? []).Select(fault => (fault.Pointer, fault.Detail)), refused);
        }
    }

    private static async Task<ScorecardView> SendAsync(
        byte[] document, string note, ServerAddress server, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromMinutes(10) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Key);
        using var body = new ByteArrayContent(document);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using var answer = await http.PostAsync(
                new Uri("api/v1/customers/scorecards?note=" + Uri.EscapeDataString(note), UriKind.Relative), body,
                cancellationToken);
            if (answer.IsSuccessStatusCode)
            {
                return await answer.Content.ReadFromJsonAsync<ScorecardView>(s_json, cancellationToken)
                    ?? throw NoProbity(null);
            }

            var problem = await answer.Content.ReadFromJsonAsync<Problem>(s_json, cancellationToken)
                ?? throw NoProbity(null);
            throw Refused(
                problem.Code, problem.Detail ?? problem.Title,
                (problem.Errors ?? []).Select(fault => (fault.Pointer, fault.Detail)), null);
        }
        catch (Exception fault) when (fault is HttpRequestException or JsonException)
        {
            throw NoProbity(fault);
        }
    }

    private static ExpectedFaultException Refused(
        string code, string detail, IEnumerable<(string Pointer, string Detail)> faults, Exception? cause) => new(
        string.Join(
            '\n', faults.Select(fault => $"{(fault.Pointer.Length == 0 ? "/" : fault.Pointer)}: {fault.Detail}")
                .Prepend(detail)),
        ErrorCodes.Find(code)?.Remedy ?? "See the server's log.", cause: cause);

    private static ExpectedFaultException NoProbity(Exception? cause) => new(
        "The server does not answer as a Probity server.", "Correct --url, or start the server.", cause: cause);
}
