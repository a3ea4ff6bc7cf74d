using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Npgsql;
using Probity.Conformance;
using Probity.Monitoring.Rating;
using Probity.Server.Hosting.Settings;
using Probity.Server.Tests.AuditTrail.Api;
using Probity.Server.Tests.Hosting;
using Xunit;

namespace Probity.Server.Tests.Customers;

/// <summary>
/// The real server, killed with SIGKILL while it rates, takes reviews, draws rules anew, holds rules and packs steps:
/// afterwards each of these is whole or not there, nothing that was acknowledged is lost, and all of it replays to the
/// byte.
/// </summary>
public sealed class DiligenceCrashTests(SharedPostgres postgres)
{
    private const int Rounds = 3;
    private const int Customers = 6;
    private const int LinesOfBatch = 3_000;
    private const string Sets = "/api/v1/monitoring/rule-sets/";

    private static readonly DateTimeOffset s_day = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, (int Version, string Rating)> _rated = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _reviews = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _rebased = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _agreed = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _wrong = new();
    private readonly List<string> _customers = [];
    private long _judged;
    private int _next;

    [Fact]
    public Task A_server_killed_at_its_desks_leaves_each_change_whole_or_undone_on_sqlite() => CrashAsync([]);

    [Fact]
    public async Task A_server_killed_at_its_desks_leaves_each_change_whole_or_undone_on_postgres()
    {
        PostgresCluster.SkipIfMissing();
        var cluster = await postgres.GetAsync();
        await CrashAsync(
            [(SettingCatalogue.Database.Name, cluster.ConnectionString(await cluster.CreateDatabaseAsync()))]);
    }

    private async Task CrashAsync((string Name, string Value)[] environment)
    {
        using var folder = new TemporaryFolder();
        var data = folder.At("data");
        for (var round = 0; round < Rounds; round++)
        {
            await RoundAsync(data, environment, TimeSpan.FromMilliseconds(1_500 + (round * 700)));
        }

        await using (var server = await ServerProcess.StartAsync(data, environment))
        {
            using var http = Client(server, data);
            await RequireAsync(http);
            await HeldAreToldAsync(http);
            await RequireReplayAsync(http);
            await server.StopAsync();
        }

        Assert.Empty(_wrong);
        Assert.True(
            _rated.Count == Customers && _reviews.Count > 3 && _rebased.Count > 1 && _judged > LinesOfBatch,
            $"{_rated.Count} rated, {_reviews.Count} reviews, {_rebased.Count} rebased, {_judged} judged");
        Assert.True(await PacksAsync(data, environment) > 0, "No pack of steps was written.");
        var (code, told) = await VerbAsync(environment, "ledger", "verify", "--rows", "--data", data);
        Assert.True(code == 0, told);
    }

    private async Task RoundAsync(string data, (string Name, string Value)[] environment, TimeSpan load)
    {
        using var end = new CancellationTokenSource();
        HttpClient http;
        Task[] writing;
        await using (var server = await ServerProcess.StartAsync(data, environment))
        {
            http = Client(server, data);
            if (_customers.Count == 0)
            {
                await BeginAsync(http);
            }

            await RequireAsync(http);
            var (before, judged) = (_rebased.Count, Interlocked.Read(ref _judged));
            writing =
            [
                UntilGoneAsync(i => RateAsync(http, i), end.Token),
                UntilGoneAsync(i => ReviewAsync(http, i), end.Token),
                UntilGoneAsync(_ => RuleAsync(http), end.Token), UntilGoneAsync(_ => JudgeAsync(http), end.Token),
            ];

            // A server that has just started compiles for its first answers: no load is on before.
            for (var waited = Stopwatch.StartNew(); waited.Elapsed < s_limit && _wrong.IsEmpty
                && (_rebased.Count == before || Interlocked.Read(ref _judged) == judged);)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            await Task.Delay(load, TestContext.Current.CancellationToken);
        } // SIGKILL, wherever it is.

        await end.CancelAsync();
        await Task.WhenAll(writing);
        http.Dispose();
    }

    private async Task BeginAsync(HttpClient http)
    {
        var draft = await SendAsync(
            http, HttpMethod.Post, "/api/v1/customers/scorecards",
            Encoding.UTF8.GetString(ScorecardPack.Document().Span));
        await SendAsync(
            http, HttpMethod.Post, $"/api/v1/customers/scorecards/{Text(draft, "id")}:activate",
            """{"reason":"a test"}""");
        for (var i = 0; i < Customers; i++)
        {
            var customer = await SendAsync(
                http, HttpMethod.Post, "/api/v1/customers",
                $$"""{"external_id":"crash-{{i}}","kind":"person","names":[{"text":"Crash Example {{i}}"}]}""");
            _customers.Add(Text(customer, "id"));
        }
    }

    // The answers of one customer come one after the other: each says what must hold from then on.
    private async Task RateAsync(HttpClient http, int i)
    {
        var id = _customers[i % Customers];
        var isPep = i / Customers % 2 == 0;
        var view = await SendAsync(
            http, HttpMethod.Patch, "/api/v1/customers/" + id,
            JsonSerializer.Serialize(new { due_diligence = new { is_pep = isPep, segment = $"s{i}" } }));
        var rating = Text(view["standing"]!, "rating");
        if ((rating == "high") != isPep)
        {
            _wrong.Enqueue($"{id}: exposed {isPep} and rated {rating}");
        }

        _rated[id] = (view["version"]!.GetValue<int>(), rating);
    }

    private async Task ReviewAsync(HttpClient http, int i)
    {
        var id = _customers[i % Customers];
        var review = await SendAsync(
            http, HttpMethod.Post, $"/api/v1/customers/{id}/reviews",
            $$"""{"outcome":"confirmed","reason":"review {{i}}"}""");
        _reviews[Text(review, "id")] = id;
    }

    // Drafts, one of which waits for a later day and is held when another one goes live; a third is drawn anew on that.
    private async Task RuleAsync(HttpClient http)
    {
        var number = Interlocked.Increment(ref _next);
        var later = await DraftAsync(http, $"Later {number}");
        await SendAsync(
            http, HttpMethod.Post, $"{Sets}{later}:activate",
            """{"reason":"r","active_from":"2090-01-01T00:00:00Z"}""");
        _agreed[later] = true;
        var behind = await DraftAsync(http, $"Behind {number}");
        var live = await DraftAsync(http, $"Live {number}");
        await SendAsync(http, HttpMethod.Post, $"{Sets}{live}:activate", """{"reason":"r"}""");
        var anew = await SendAsync(http, HttpMethod.Post, $"{Sets}{behind}:rebase", "{}");
        _rebased[Text(anew, "id")] = $"Behind {number}";
    }

    private async Task JudgeAsync(HttpClient http)
    {
        var first = Interlocked.Add(ref _next, LinesOfBatch);
        var lines = string.Join('\n', Enumerable.Range(first, LinesOfBatch).Select(i => JsonSerializer.Serialize(new
        {
            source = "crash", id = $"i{i}", occurred_at = s_day.AddSeconds(i % 3_600), amount = $"{10 + (i % 900)}.00",
            currency = "USD", type = "transfer",
            debtor = new { account = $"D{i % 97}", customer = $"crash-{i % Customers}" },
            creditor = new { account = $"K{i % 53}" },
        })));
        using var content = new StringContent(lines, Encoding.UTF8, "application/x-ndjson");
        using var answer = await http.PostAsync(
            new Uri("/api/v1/transactions:ingest", UriKind.Relative), content, CancellationToken.None);
        var text = await answer.Content.ReadAsStringAsync(CancellationToken.None);
        Interlocked.Add(
            ref _judged, text.Split('\n').Count(line => line.Contains("\"decided\"", StringComparison.Ordinal)));
    }

    private static async Task<string> DraftAsync(HttpClient http, string name) => Text(
        await SendAsync(
            http, HttpMethod.Post, "/api/v1/monitoring/rules",
            $$"""{"name":"{{name}}","rule_type":"AML","jurisdiction":"US","conditions":{"amount_threshold":900000,"""
            + """ "currency":"USD"},"actions":{"alert":true},"severity":"LOW"}"""),
        "id");

    // Whatever a writer was in the middle of is not known to it; what it was answered is.
    private async Task UntilGoneAsync(Func<int, Task> write, CancellationToken cancellationToken)
    {
        try
        {
            for (var i = 0; !cancellationToken.IsCancellationRequested; i++)
            {
                await write(i);
            }
        }
        catch (Exception gone) when (gone is HttpRequestException or OperationCanceledException or IOException
            or JsonException)
        {
            // The server was killed.
        }
        catch (RefusedException refused)
        {
            _wrong.Enqueue(refused.Message);
        }
    }

    private async Task RequireAsync(HttpClient http)
    {
        foreach (var (id, known) in _rated)
        {
            var view = await GetAsync(http, "/api/v1/customers/" + id);
            var isPep = view["customer"]!["due_diligence"]!["is_pep"]!.GetValue<bool>();
            Assert.True(view["version"]!.GetValue<int>() >= known.Version, id);

            // Alerts about its transactions make it medium; only who is exposed is high.
            Assert.Equal(isPep, Text(view["standing"]!, "rating") == "high");
            var rating = await GetAsync(http, $"/api/v1/customers/{id}/rating");
            Assert.Equal(isPep, Text(rating["rating"]!, "rating") == "high");
            Assert.Equal(isPep, rating["record"]!["facts"]!["is_pep"]!.GetValue<bool>()); // Its entry.
            var reviews = (await GetAsync(http, $"/api/v1/customers/{id}/reviews"))["reviews"]!.AsArray();
            var kept = reviews.Select(item => Text(item!, "id")).ToList();
            Assert.All(
                _reviews.Where(item => item.Value == id).Select(item => item.Key).Order(StringComparer.Ordinal)
                    .TakeLast(50),
                review => Assert.Contains(review, kept));
        }

        foreach (var (set, name) in _rebased)
        {
            var detail = await GetAsync(http, Sets + set);
            Assert.Contains(detail["rules"]!.AsArray(), rule => Text(rule!, "name") == name);
        }
    }

    // Rules that were agreed to for a later day are held as soon as they are behind: with the alert, or not yet.
    private async Task HeldAreToldAsync(HttpClient http)
    {
        var last = await DraftAsync(http, "Last of all");
        await SendAsync(http, HttpMethod.Post, $"{Sets}{last}:activate", """{"reason":"r"}""");
        var again = await DraftAsync(http, "After the last"); // Looks at what is behind before it goes live itself.
        await SendAsync(http, HttpMethod.Post, $"{Sets}{again}:activate", """{"reason":"r"}""");
        var told = new HashSet<string>(StringComparer.Ordinal);
        for (string? token = null; ;)
        {
            var page = await GetAsync(
                http, "/api/v1/alerts?route=rules&page_size=100" + (token is null ? "" : "&page_token=" + token));
            told.UnionWith(page["alerts"]!.AsArray().Where(item => Text(item!, "kind") == "rules_held")
                .Select(item => Text(item!, "subject_id")));
            if ((token = page["next_page_token"]?.GetValue<string>()) is null)
            {
                break;
            }
        }

        foreach (var set in _agreed.Keys)
        {
            var status = Text((await GetAsync(http, Sets + set))["rule_set"]!, "status");
            Assert.Equal((set, "draft", true), (set, status, told.Contains(set)));
        }
    }

    private async Task RequireReplayAsync(HttpClient http)
    {
        var decisions = await SendAsync(http, HttpMethod.Post, "/api/v1/monitoring:replay", "{}");
        Assert.True(decisions["decisions"]!.GetValue<long>() >= _judged, decisions.ToJsonString());
        Assert.Equal(decisions["decisions"]!.GetValue<long>(), decisions["identical"]!.GetValue<long>());
        var ratings = await SendAsync(http, HttpMethod.Post, "/api/v1/customers/ratings:replay", "{}");
        Assert.True(ratings["ratings"]!.GetValue<int>() >= Customers, ratings.ToJsonString());
        Assert.Equal(ratings["ratings"]!.GetValue<int>(), ratings["identical"]!.GetValue<int>());
    }

    private static async Task<long> PacksAsync(string data, (string Name, string Value)[] environment)
    {
        await using System.Data.Common.DbConnection store = environment is [var (_, text), ..]
            ? new NpgsqlConnection(text)
            : new SqliteConnection($"Data Source={Path.Combine(data, "probity.db")}");
        await store.OpenAsync(TestContext.Current.CancellationToken);
        await using var count = store.CreateCommand();
        count.CommandText = "SELECT count(*) FROM monitoring_pack";
        if (environment.Length > 0)
        {
            count.CommandText = "SELECT count(*) FROM probity.monitoring_pack";
        }

        return Convert.ToInt64(
            await count.ExecuteScalarAsync(TestContext.Current.CancellationToken), CultureInfo.InvariantCulture);
    }

    private static async Task<(int Code, string Told)> VerbAsync(
        (string Name, string Value)[] environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "probity.dll"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException("It did not start.");
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(s_limit);
        return (process.ExitCode, output + await errors);
    }

    private static HttpClient Client(ServerProcess server, string data)
    {
        var http = new HttpClient { BaseAddress = server.Url, Timeout = s_limit };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", File.ReadAllText(Path.Combine(data, "keys", "bootstrap.key")).Trim());
        return http;
    }

    private static Task<JsonNode> GetAsync(HttpClient http, string path) => SendAsync(http, HttpMethod.Get, path, null);

    private static async Task<JsonNode> SendAsync(HttpClient http, HttpMethod method, string path, string? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Content = body is null ? null : new StringContent(
            body, Encoding.UTF8, method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
        using var answer = await http.SendAsync(request, CancellationToken.None);
        var text = await answer.Content.ReadAsStringAsync(CancellationToken.None);
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new RefusedException($"{path}: {(int)answer.StatusCode} {text}");
    }

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    private sealed class RefusedException(string message) : Exception(message);
}
