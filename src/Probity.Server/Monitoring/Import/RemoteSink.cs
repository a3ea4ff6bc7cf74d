using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Probity.Server.Hosting.Cli;

namespace Probity.Server.Monitoring.Import;

/// <summary>Sends lines to a server.</summary>
internal sealed class RemoteSink : ITransactionSink
{
    private readonly HttpClient _http;

    public RemoteSink(ServerAddress server)
    {
        _http = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromMinutes(30) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Key);
    }

    public async Task<IReadOnlyList<JsonObject>> SendAsync(
        IReadOnlyList<string> lines, CancellationToken cancellationToken)
    {
        using var body = new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/x-ndjson");
        try
        {
            using var answer = await _http.PostAsync(
                new Uri("api/v1/transactions:ingest", UriKind.Relative), body, cancellationToken);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            return answer.IsSuccessStatusCode
                ? [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Select(line => JsonNode.Parse(line)!.AsObject())]
                : throw new ExpectedFaultException(
                    $"The server answers {(int)answer.StatusCode}: {text}",
                    "Check --url, the key and its permission monitoring.transaction.submit.");
        }
        catch (HttpRequestException fault)
        {
            throw new ExpectedFaultException(
                $"{_http.BaseAddress} cannot be reached: {fault.Message}", "Check --url, and that the server runs.",
                cause: fault);
        }
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }
}
