using System.Net.Http.Headers;
using System.Text.Json;
using Probity.Contracts.Problems;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Hosting.Cli;

/// <summary>A call of a verb to a server. What is refused is told with every fault and what to do, the same as where
/// the verb works in a data folder itself.</summary>
internal static class ServerCall
{
    /// <summary>How bodies and answers are written.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <summary>Sends a POST and reads its answer.</summary>
    /// <param name="server">Where to, and with which key.</param>
    /// <param name="path">Below <c>api/v1/</c>.</param>
    /// <param name="body">What is sent; null for nothing.</param>
    /// <param name="timeout">How long the answer may take.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ExpectedFaultException">The server refuses, or does not answer as one.</exception>
    public static async Task<TAnswer> PostAsync<TAnswer>(
        ServerAddress server, string path, HttpContent? body, TimeSpan timeout, CancellationToken cancellationToken)
        where TAnswer : class
    {
        using var http = new HttpClient { BaseAddress = server.Url, Timeout = timeout };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Key);
        try
        {
            using var answer = await http.PostAsync(
                new Uri("api/v1/" + path, UriKind.Relative), body, cancellationToken);
            if (answer.IsSuccessStatusCode)
            {
                return await answer.Content.ReadFromJsonAsync<TAnswer>(Json, cancellationToken)
                    ?? throw NoProbity(server, null);
            }

            var problem = await answer.Content.ReadFromJsonAsync<Problem>(Json, cancellationToken)
                ?? throw NoProbity(server, null);
            throw Refused(problem.Code, problem.Detail ?? problem.Title, problem.Errors, null);
        }
        catch (Exception fault) when (fault is HttpRequestException or JsonException)
        {
            throw NoProbity(server, fault);
        }
    }

    /// <summary>What a desk refuses in a data folder, told as a server would be.</summary>
    public static ExpectedFaultException Refused(ProblemException refused) =>
        Refused(refused.Code.Code, refused.Detail ?? refused.Code.Title, refused.Faults, refused);

    private static ExpectedFaultException Refused(
        string code, string detail, IReadOnlyList<ProblemFault>? faults, Exception? cause) => new(
        string.Join(
            '\n',
            (faults ?? []).Select(fault => $"{(fault.Pointer.Length == 0 ? "/" : fault.Pointer)}: {fault.Detail}")
                .Prepend(detail)),
        ErrorCodes.Find(code)?.Remedy ?? "See the server's log.", cause: cause);

    private static ExpectedFaultException NoProbity(ServerAddress server, Exception? cause) => new(
        $"{server} does not answer as a Probity server.", "Correct --url, or start the server.", cause: cause);
}
