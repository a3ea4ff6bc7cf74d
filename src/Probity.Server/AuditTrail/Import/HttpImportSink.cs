using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Probity.Server.AuditTrail.Import.Formats;

namespace Probity.Server.AuditTrail.Import;

/// <summary>Sends batches to a running server: <c>POST /api/v1/events:ingest</c>, NDJSON, one result per line.</summary>
/// <remarks>
/// Repeating a request is safe, since every event carries its source and external id; so 429, 503 and a broken
/// connection are tried again, as long as <c>Retry-After</c> says, up to <see cref="MaxAttempts"/> times.
/// </remarks>
internal sealed class HttpImportSink(HttpClient http, Uri server, string? key, TimeProvider clock) : IImportSink
{
    /// <summary>How often one request is tried.</summary>
    public const int MaxAttempts = 8;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly Uri address = new(new Uri(server.AbsoluteUri.TrimEnd('/') + "/"), "api/v1/events:ingest");

    public async Task<IReadOnlyList<ImportOutcome>> SendAsync(
        IReadOnlyList<SourceEvent> batch, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (outcomes, wait) = await TryAsync(batch, attempt, cancellationToken);
            if (outcomes is not null)
            {
                return outcomes;
            }

            await Task.Delay(wait, clock, cancellationToken);
        }
    }

    private async Task<(IReadOnlyList<ImportOutcome>? Outcomes, TimeSpan Wait)> TryAsync(
        IReadOnlyList<SourceEvent> batch, int attempt, CancellationToken cancellationToken)
    {
        try
        {
            using var request = RequestOf(batch);
            using var response = await http.SendAsync(request, cancellationToken);
            return response.StatusCode switch
            {
                HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests
                    or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout
                    => (null, attempt < MaxAttempts ? WaitOf(response, attempt) : throw Overloaded(response)),
                HttpStatusCode.RequestEntityTooLarge when batch.Count > 1
                    => (await InHalvesAsync(batch, cancellationToken), default),
                _ when !response.IsSuccessStatusCode => throw await RefusedAsync(response, cancellationToken),
                _ => (await ReadAsync(response, batch.Count, cancellationToken), default),
            };
        }
        catch (Exception away) when (away is HttpRequestException or IOException
            || (away is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return attempt < MaxAttempts
                ? (null, Backoff(attempt))
                : throw new ImportSinkException(
                    "import.server_away",
                    $"The server at {server} does not answer ({away.Message}). Start it, check --url, and run the import again.",
                    away);
        }
    }

    private HttpRequestMessage RequestOf(IReadOnlyList<SourceEvent> batch)
    {
        var body = new byte[batch.Sum(item => item.EventJson.Length + 1)];
        var at = 0;
        foreach (var item in batch)
        {
            // Inside a JSON text a line feed can only be white space between tokens, so a space means the same.
            var line = body.AsSpan(at, item.EventJson.Length);
            item.EventJson.Span.CopyTo(line);
            line.Replace((byte)'\n', (byte)' ');
            line.Replace((byte)'\r', (byte)' ');
            at += line.Length;
            body[at++] = (byte)'\n';
        }

        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        request.Headers.Accept.ParseAdd("application/x-ndjson");
        request.Headers.Accept.ParseAdd("application/json");
        if (!string.IsNullOrEmpty(key))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return request;
    }

    private async Task<IReadOnlyList<ImportOutcome>> InHalvesAsync(
        IReadOnlyList<SourceEvent> batch, CancellationToken cancellationToken)
    {
        var half = batch.Count / 2;
        var first = await SendAsync([.. batch.Take(half)], cancellationToken);
        var second = await SendAsync([.. batch.Skip(half)], cancellationToken);
        return [.. first, .. second];
    }

    private TimeSpan WaitOf(HttpResponseMessage response, int attempt)
    {
        var asked = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - clock.GetUtcNow(),
            _ => Backoff(attempt),
        };
        return asked < TimeSpan.Zero ? TimeSpan.Zero : asked > LongestWait ? LongestWait : asked;
    }

    private static TimeSpan Backoff(int attempt) => TimeSpan.FromMilliseconds(250 * Math.Pow(2, Math.Min(attempt, 7)));

    private static ImportSinkException Overloaded(HttpResponseMessage response) => new(
        "import.server_overloaded",
        $"The server answers {(int)response.StatusCode} after {MaxAttempts} attempts. Run the import again later; what it has is not taken in twice.");

    private static async Task<ImportSinkException> RefusedAsync(
        HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var problem = await ProblemOfAsync(response, cancellationToken);
        var advice = status switch
        {
            401 => "Check --key.",
            403 => "The key lacks the permission to write events.",
            404 or 405 => "Check --url: there is no Probity server, or an older one.",
            _ => "See the server's log.",
        };
        return new ImportSinkException(
            problem?.Code ?? "import.server_refused", $"The server answers {status}. {problem?.Detail} {advice}");
    }

    private static async Task<SourceRefusal?> ProblemOfAsync(
        HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            using var document = await JsonDocument.ParseAsync(body, default, cancellationToken);
            return ProblemOf(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static SourceRefusal? ProblemOf(JsonElement problem)
        => problem.Text("code") is { } code
            ? new SourceRefusal(code, problem.Text("detail") ?? problem.Text("title") ?? "")
            : null;

    private static async Task<IReadOnlyList<ImportOutcome>> ReadAsync(
        HttpResponseMessage response, int count, CancellationToken cancellationToken)
    {
        var outcomes = new ImportOutcome?[count];
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var reader = new StreamReader(body);
        try
        {
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                Take(line, outcomes);
            }
        }
        catch (JsonException wrong)
        {
            throw new ImportSinkException(
                "import.answer_unreadable", "The server's answer is not NDJSON. Check --url and the server's version.", wrong);
        }

        return outcomes.All(outcome => outcome is not null)
            ? [.. outcomes.OfType<ImportOutcome>()]
            : throw new ImportSinkException(
                "import.answer_incomplete",
                "The server's answer does not name every event. Run the import again; nothing is taken in twice.");
    }

    /// <summary>Takes one line of the answer: <c>{"line":1,"status":"accepted","id":"evt_…"}</c>, lines from 1.</summary>
    private static void Take(string text, ImportOutcome?[] outcomes)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return;
        }

        using var document = JsonDocument.Parse(text);
        var result = document.RootElement;
        if (!int.TryParse(result.Text("line"), out var line) || line < 1 || line > outcomes.Length)
        {
            return;
        }

        var problem = ProblemOf(result.At("problem"))
            ?? new SourceRefusal("import.refused", "The server refused the event without a reason.");
        outcomes[line - 1] = result.Text("status") switch
        {
            "accepted" => ImportOutcome.Accepted(result.Text("id")),
            "duplicate" => ImportOutcome.Duplicate(result.Text("id")),
            _ => new ImportOutcome(ImportStatus.Refused, null, problem),
        };
    }
}
