using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Cli;
using Probity.Server.Tests.Hosting;
using Xunit;

namespace Probity.Server.Tests.Monitoring;

/// <summary>
/// The real server, killed with SIGKILL while it judges: what it acknowledged is there as it was answered, once, and
/// all
/// that is stored replays to the byte.
/// </summary>
public sealed class CrashTests
{
    private const int Rounds = 3;
    private const int Writers = 4;

    private readonly ConcurrentDictionary<string, (long Number, string Decision)> _acknowledged =
        new(StringComparer.Ordinal);

    private readonly ConcurrentQueue<string> _wrong = new();
    private readonly int[] _next = new int[Writers];

    [Fact]
    public async Task A_server_killed_under_load_loses_no_acknowledged_decision_and_replays_identically()
    {
        using var folder = new TemporaryFolder();
        var data = folder.At("data");
        for (var round = 0; round < Rounds; round++)
        {
            await RoundAsync(data, TimeSpan.FromMilliseconds(700 + (round * 350)));
        }

        await using (var server = await ServerProcess.StartAsync(data))
        {
            using var http = Client(server, data);
            await RequireAsync(http, _acknowledged.Keys);
        }

        Assert.Empty(_wrong);
        Assert.True(_acknowledged.Count > 50, $"{_acknowledged.Count} were acknowledged.");
        Assert.Equal(_acknowledged.Count, _acknowledged.Values.Select(item => item.Number).Distinct().Count());
        await RequireReplayAsync(data);
    }

    private async Task RoundAsync(string data, TimeSpan load)
    {
        using var end = new CancellationTokenSource();
        HttpClient http;
        Task[] writing;
        await using (var server = await ServerProcess.StartAsync(data))
        {
            http = Client(server, data);
            await RequireAsync(http, _acknowledged.Keys.TakeLast(40));
            writing = [.. Enumerable.Range(0, Writers).Select(writer => WriteAsync(http, writer, end.Token))];
            await UntilOneIsAcknowledgedAsync(_acknowledged.Count);
            await Task.Delay(load, TestContext.Current.CancellationToken);
        } // SIGKILL, wherever it is.

        await end.CancelAsync();
        await Task.WhenAll(writing);
        http.Dispose();
    }

    // A server that has just started compiles for its first answer: no load is on before.
    private async Task UntilOneIsAcknowledgedAsync(int before)
    {
        var limit = TimeSpan.FromSeconds(60);
        for (var waited = Stopwatch.StartNew(); _acknowledged.Count == before && waited.Elapsed < limit;)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private async Task RequireReplayAsync(string data)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(
            ["monitor", "replay", "--data", data, "--json"], Composition.Bodies, output, error);
        Assert.True(code == ExitCode.Done, error.ToString() + output);
        var report = JsonNode.Parse(output.ToString())!;
        var decisions = report["decisions"]!.GetValue<long>();
        Assert.Equal(decisions, report["identical"]!.GetValue<long>());

        // At most one of each writer and round was stored and not acknowledged.
        Assert.InRange(decisions, _acknowledged.Count, _acknowledged.Count + (Writers * Rounds));
    }

    private static HttpClient Client(ServerProcess server, string data)
    {
        var http = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromSeconds(60) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", File.ReadAllText(Path.Combine(data, "keys", "bootstrap.key")).Trim());
        return http;
    }

    // One whose answer never came is sent again, with the same bytes, in the next round.
    private async Task WriteAsync(HttpClient http, int writer, CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                var id = $"{writer}-{_next[writer]}";
                var (status, answer) = await SendAsync(http, id, cancellationToken);
                if (status is HttpStatusCode.Created)
                {
                    _acknowledged[id] = (answer!["number"]!.GetValue<long>(), answer["decision"]!.ToJsonString());
                }
                else if (status is not HttpStatusCode.OK)
                {
                    _wrong.Enqueue($"{id}: {status} {answer?.ToJsonString()}");
                    return;
                }

                _next[writer]++;
            }
        }
        catch (Exception gone) when (gone is HttpRequestException or OperationCanceledException or IOException
            or JsonException)
        {
            // The server was killed.
        }
    }

    /// <summary>Each is answered as a repetition of the number it was acknowledged with.</summary>
    private async Task RequireAsync(HttpClient http, IEnumerable<string> ids)
    {
        foreach (var id in ids.ToList())
        {
            var (status, answer) = await SendAsync(http, id, TestContext.Current.CancellationToken);
            Assert.True(status == HttpStatusCode.OK, $"{id} is lost: {status} {answer?.ToJsonString()}");
            Assert.Equal(_acknowledged[id].Number, answer!["number"]!.GetValue<long>());
            if (id.EndsWith('7'))
            {
                var decision = await http.GetStringAsync(
                    new Uri($"/api/v1/transactions/{answer["id"]!.GetValue<string>()}/decision", UriKind.Relative),
                    TestContext.Current.CancellationToken);
                Assert.True(
                    JsonNode.DeepEquals(JsonNode.Parse(_acknowledged[id].Decision), JsonNode.Parse(decision)), id);
            }
        }
    }

    private static async Task<(HttpStatusCode Status, JsonObject? Answer)> SendAsync(
        HttpClient http, string id, CancellationToken cancellationToken)
    {
        using var body = new StringContent(Body(id), Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(
            new Uri("/api/v1/transactions", UriKind.Relative), body, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return (response.StatusCode, JsonNode.Parse(text) as JsonObject);
    }

    private static string Body(string id)
    {
        var parts = id.Split('-');
        var (writer, number) = (int.Parse(parts[0], CultureInfo.InvariantCulture),
            int.Parse(parts[1], CultureInfo.InvariantCulture));
        return new JsonObject
        {
            ["source"] = "crash",
            ["id"] = id,
            ["occurred_at"] = new DateTimeOffset(2026, 3, 2, 8, 0, 0, TimeSpan.Zero).AddSeconds(number * 7)
                .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["amount"] = (900 + (number * 37 % 9_000)).ToString(CultureInfo.InvariantCulture) + ".00",
            ["currency"] = "USD",
            ["type"] = number % 5 == 0 ? "cash_in" : "transfer",
            ["debtor"] = new JsonObject { ["account"] = $"D{(writer + number) % 9}", ["customer"] = "c-1" },
            ["creditor"] = new JsonObject { ["account"] = $"K{number % 5}" },
        }.ToJsonString();
    }
}
