using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Probity.Hammer;
using Probity.Hammer.Crash;
using Probity.Hammer.Http;
using Probity.Hammer.Load;
using Probity.Ledger.Notes;

namespace Probity.Benchmarks.Measurements;

/// <summary>
/// Decisions over REST by the real server in a process of its own, on SQLite, durable, every customer registered and
/// screened: lines, single posts, and single posts at half load, with forty rules in force and with all that ship. The
/// sender shares the machine; what it takes of it is told.
/// </summary>
internal sealed class MonitoringServerMeasurement : IAsyncDisposable
{
    private const int Connections = 64;
    private const int Streams = 2;
    private const int LinesOfBody = 5_000;
    private const int WarmingLines = 40_000;
    private const int Lines = 60_000;

    /// <summary>Half of the single posts a second that are wanted.</summary>
    private const int HalfOfWanted = 1_250;

    /// <summary>So much the sender allocates in a window at most, so that it collects nothing meanwhile.</summary>
    private const long SenderBytes = 200L << 20;

    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_warming = TimeSpan.FromSeconds(3);

    private readonly string _folder;
    private readonly bool _isKept;
    private readonly BenchedTraffic _traffic;
    private readonly Lock _lock = new();
    private readonly LoopbackTarget _target;
    private readonly ServerProcess _server;
    private readonly HttpClient _client;
    private readonly NoteSigner _publisher = NoteSigner.FromSeed("bench.example/rules", new byte[32]);
    private string _key = "";

    private MonitoringServerMeasurement(int accounts, string? folder)
    {
        _isKept = folder is not null;
        _folder = folder is null
            ? Directory.CreateTempSubdirectory("probity-bench-").FullName
            : Directory.CreateDirectory(folder).FullName;
        _traffic = new BenchedTraffic(accounts, HotBefore);
        _target = LoopbackTarget.Of(IPAddress.Loopback, FreePort());
        _client = new HttpClient { BaseAddress = new Uri(_target.Url) };
        _server = new ServerProcess(
            new ServerCommand(
                "dotnet " + ServerProgram, Path.Combine(_folder, "data"),
                new Dictionary<string, string>
                {
                    ["AML_PACK_KEYS"] = _publisher.Key.ToString(), [SenderProcess.Tiers] = "1",
                }),
            _target, Path.Combine(_folder, "server.log"));
    }

    private static string ServerProgram => typeof(MonitoringServerMeasurement).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == nameof(ServerProgram)).Value!;

    private string HotFile => Path.Combine(_folder, "hot");

    private long HotBefore =>
        File.Exists(HotFile) ? long.Parse(File.ReadAllText(HotFile), CultureInfo.InvariantCulture) : 0;

    /// <summary>Measures.</summary>
    /// <param name="options">
    /// How many accounts the world has, whose owners are registered; where the server's data stays for the next run;
    /// how many transactions one account gets first, or 0 for the usual traffic alone.
    /// </param>
    public static async Task<JsonObject> RunAsync(BenchmarkOptions options)
    {
        await using var measurement = new MonitoringServerMeasurement(options.MonitoringAccounts, options.Folder);
        return await measurement.RunAsync(options.Hot);
    }

    public async ValueTask DisposeAsync()
    {
        _traffic.Dispose();
        _client.Dispose();
        await _server.KillAsync();
        _server.Dispose();
        _publisher.Dispose();
        if (!_isKept)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task<JsonObject> RunAsync(int hot)
    {
        var report = new JsonObject();
        var ready = await _server.StartAsync(CancellationToken.None);
        var key = Path.Combine(_folder, "data", "keys", "bootstrap.key");
        _key = (await File.ReadAllTextAsync(key)).Trim();
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _key);
        BenchmarkRun.Say($"ready after {ready.TotalSeconds:F1} s");
        report["ready_s"] = Math.Round(ready.TotalSeconds, 2);
        report["memory_mb_at_start"] = _server.MemoryBytes >> 20;
        await RegisterAsync(report);
        await IngestAsync(WarmingLines, _traffic.Take); // Lets the runtime compile what is used most.
        var shipped = await WithdrawAsync(); // The first transaction has put the shipped rules in force.
        if (hot > 0)
        {
            report["hot_account"] = await HotAsync(hot);
            return report;
        }

        report["rules_40"] = await MeasureAsync();
        report["memory_mb"] = _server.MemoryBytes >> 20;
        report["entry_bytes"] = EntryBytes();
        await ActivateAsync(shipped);
        report["rules_shipped"] = await MeasureAsync();
        return report;
    }

    private async Task<JsonObject> MeasureAsync()
    {
        var report = new JsonObject { ["lines"] = await IngestAsync(Lines, _traffic.Take) };
        await SingleAsync(s_warming, 0, _traffic.Take);
        report["single"] = await SingleAsync(s_window, 0, _traffic.Take);
        var half = (int)(report["single"]!["per_s"]!.GetValue<double>() / 2);
        report["half"] = await SingleAsync(s_window, half, _traffic.Take);
        report["half_of_wanted"] = await SingleAsync(s_window, HalfOfWanted, _traffic.Take);
        return report;
    }

    /// <summary>Gives one account so many transactions more, and measures it beside the others.</summary>
    private async Task<JsonObject> HotAsync(int count)
    {
        var report = new JsonObject();
        var before = HotBefore;
        report["filling"] = await IngestAsync(count, _traffic.TakeHot);
        await SingleAsync(s_warming, HalfOfWanted, _traffic.TakeHot);
        report["hot"] = await SingleAsync(s_window, HalfOfWanted, _traffic.TakeHot);
        report["others"] = await SingleAsync(s_window, HalfOfWanted, _traffic.Take);
        await File.WriteAllTextAsync(
            HotFile,
            (before + count + (HalfOfWanted * (long)(s_warming + s_window).TotalSeconds) + Streams)
                .ToString(CultureInfo.InvariantCulture));
        report["transactions"] = before + count;
        report["memory_mb"] = _server.MemoryBytes >> 20;
        report["restart"] = await RestartAsync();
        return report;
    }

    /// <summary>SIGKILL, and how long the next start takes to its first answer and to its first decision.</summary>
    private async Task<JsonObject> RestartAsync()
    {
        await _server.KillAsync();
        var started = Stopwatch.GetTimestamp();
        var ready = await _server.StartAsync(CancellationToken.None);
        using var connection = new RawConnection(_target);
        var answer = await connection.SendAsync(
            RequestBytes.Post(_target, "/api/v1/transactions", _key, _traffic.Take(1)[0]), CancellationToken.None);
        if (answer.Status != 201)
        {
            throw new HammerException($"The first post after a start was answered {answer.Status}.");
        }

        var decided = Stopwatch.GetElapsedTime(started);
        BenchmarkRun.Say($"ready after {ready.TotalSeconds:F1} s, first decision after {decided.TotalSeconds:F1} s");
        using var database = Open();
        using var command = database.CreateCommand();
        command.CommandText = "select count(*) from monitoring_step";
        return new JsonObject
        {
            ["transactions"] = (long)(await command.ExecuteScalarAsync())!, // A count is never null.
            ["ready_s"] = Math.Round(ready.TotalSeconds, 2),
            ["first_decision_s"] = Math.Round(decided.TotalSeconds, 2),
            ["memory_mb"] = _server.MemoryBytes >> 20,
        };
    }

    /// <summary>Leaves forty rules in force, and tells which set was before.</summary>
    private async Task<string> WithdrawAsync()
    {
        var sets = await _client.GetFromJsonAsync<JsonObject>("/api/v1/monitoring/rule-sets")
            ?? throw new HammerException("The server told no sets of rules.");
        var all = sets["rule_sets"]!.AsArray();
        var shipped = all.Single(set => set!["made_by"]!.GetValue<string>() == "server")!["id"]!.GetValue<string>();
        if (all.FirstOrDefault(set => set!["rules"]!.GetValue<int>() == BenchedRules.Count) is { } known)
        {
            await ActivateAsync(known["id"]!.GetValue<string>());
            return shipped;
        }

        var pack = new JsonObject
        {
            ["pack"] = "probity-update-1",
            ["name"] = "Benchmark",
            ["effective_from"] = "2020-01-01",
            ["withdrawn"] = new JsonArray([.. BenchedRules.Withdrawn().Select(name => JsonValue.Create(name))]),
        };
        using var note = new StringContent(_publisher.Sign(pack.ToJsonString() + "\n"));
        using var answer = await _client.PostAsync(new Uri("/api/v1/monitoring/rules:import", UriKind.Relative), note);
        var draft = await ReadAsync(answer);
        await ActivateAsync(draft["rule_set"]!["id"]!.GetValue<string>());
        return shipped;
    }

    private async Task ActivateAsync(string ruleSet)
    {
        using var answer = await _client.PostAsJsonAsync(
            $"/api/v1/monitoring/rule-sets/{ruleSet}:activate", new JsonObject { ["reason"] = "measured with" });
        var rules = (await ReadAsync(answer))["rules"]!.GetValue<int>();
        BenchmarkRun.Say($"{rules} rules in force");
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode && answer.StatusCode != HttpStatusCode.Accepted
            ? JsonNode.Parse(text)!.AsObject()
            : throw new HammerException($"{answer.StatusCode}: {text}");
    }

    // A folder that is used again has them already.
    private async Task RegisterAsync(JsonObject report)
    {
        var done = Path.Combine(_folder, "registered");
        if (File.Exists(done))
        {
            report["customers"] = int.Parse(await File.ReadAllTextAsync(done), CultureInfo.InvariantCulture);
            return;
        }

        const string List = "id,list,type,name,dob,country\n1,own_bench,person,Ulvar Quistorp,1961-02-03,RU\n";
        var loaded = await PostAsync(
            "/api/v1/screening/lists:load?name=own_bench.csv", "text/csv", Encoding.UTF8.GetBytes(List), _ => { });
        var documents = _traffic.Customers();
        var started = Stopwatch.GetTimestamp();
        var before = _server.MemoryBytes;
        await PostAsync(
            "/api/v1/customers:import", "application/x-ndjson",
            Encoding.UTF8.GetBytes(string.Join('\n', documents)), _ => { });
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        BenchmarkRun.Say($"{documents.Count} customers registered, {documents.Count / seconds:F0}/s; list {loaded}");
        report["customers"] = documents.Count;
        report["customers_per_s"] = Math.Round(documents.Count / seconds);
        report["bytes_a_customer_of_registering"] = (_server.MemoryBytes - before) / documents.Count;
        await File.WriteAllTextAsync(done, documents.Count.ToString(CultureInfo.InvariantCulture));
    }

    private async Task<JsonObject> IngestAsync(int count, Func<int, List<byte[]>> take)
    {
        var from = await StartAsync();
        var decided = 0L;
        await Task.WhenAll(Enumerable.Range(0, Streams).Select(async _ =>
        {
            for (var sent = 0; sent < count / Streams; sent += LinesOfBody)
            {
                var lines = take(Math.Min(LinesOfBody, (count / Streams) - sent));
                await PostAsync("/api/v1/transactions:ingest", "application/x-ndjson", Joined(lines), line =>
                {
                    if (line.IndexOf("\"decided\""u8) >= 0)
                    {
                        Interlocked.Increment(ref decided);
                    }
                });
            }
        }));
        if (decided == 0)
        {
            throw new HammerException($"Nothing was decided; see {Path.Combine(_folder, "server.log")}.");
        }

        return await FinishAsync("lines", decided, from);
    }

    /// <summary>Single posts, as many as go or so many a second, with their times.</summary>
    private async Task<JsonObject> SingleAsync(TimeSpan window, int perSecond, Func<int, List<byte[]>> take)
    {
        var posts = new Queue<byte[]>(take((int)(window.TotalSeconds * (perSecond == 0 ? 6_000 : perSecond + 1)))
            .Select(line => RequestBytes.Post(_target, "/api/v1/transactions", _key, line)));
        var pacer = perSecond == 0 ? null : new Pacer(perSecond, window);
        var from = await StartAsync();
        var isQuiet = GC.TryStartNoGCRegion(SenderBytes); // A pause of the sender would be told as one of the server.
        var started = Stopwatch.GetTimestamp();
        var deadline = started + (long)(window.TotalSeconds * Stopwatch.Frequency);
        var (failed, times) = (0L, new LatencyHistogram());
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            using var connection = new RawConnection(_target);
            var own = new LatencyHistogram();
            while (await DueAsync() is { } due && Next(posts) is { } post)
            {
                // Counted from when it was due: a server that falls behind does not hide it.
                var answer = await connection.SendAsync(post, CancellationToken.None);
                Interlocked.Add(ref failed, answer.Status == 201 ? 0 : 1);
                own.Record(due, Stopwatch.GetTimestamp());
            }

            lock (_lock)
            {
                times.Add(own);
            }
        }).Append(pacer?.RunAsync(CancellationToken.None) ?? Task.CompletedTask));
        isQuiet = isQuiet && GCSettings.LatencyMode == GCLatencyMode.NoGCRegion;
        if (isQuiet)
        {
            GC.EndNoGCRegion();
        }

        var told = await FinishAsync("posts", times.Count, from);
        told["failed"] = failed;
        told["ms"] = times.ToJson();
        told["sender_collected_nothing"] = isQuiet;
        BenchmarkRun.Say($"{times.ToJson().ToJsonString()}, {failed} failed, sender quiet {isQuiet}");
        return told;

        // As soon as the last is answered and until the deadline, or when the pacer says so.
        ValueTask<long?> DueAsync() =>
            pacer is not null ? pacer.NextAsync(CancellationToken.None)
            : Stopwatch.GetTimestamp() is var now && now < deadline ? new(now) : new((long?)null);
    }

    private byte[]? Next(Queue<byte[]> posts)
    {
        lock (_lock)
        {
            return posts.TryDequeue(out var post) ? post : null;
        }
    }

    private async Task<Moment> StartAsync() => new(
        await ServerFigures.ReadAsync(_client, new Uri("/metrics", UriKind.Relative)), Stopwatch.GetTimestamp(),
        Environment.CpuUsage.TotalTime, _server.ProcessorTime);

    private async Task<JsonObject> FinishAsync(string what, long count, Moment from)
    {
        var seconds = Stopwatch.GetElapsedTime(from.At).TotalSeconds;
        var server = (_server.ProcessorTime - from.Server).TotalSeconds;
        var sender = (Environment.CpuUsage.TotalTime - from.Sender).TotalSeconds;
        var said = (await ServerFigures.ReadAsync(_client, new Uri("/metrics", UriKind.Relative)))
            .Since(from.Figures, count);
        BenchmarkRun.Say(
            $"{count / seconds:F0} {what}/s, {server * 1e6 / count:F0} us of processor each, "
            + $"{server / seconds:F2} cores, the sender {sender / seconds:F2}; {said.ToJsonString()}");
        return new JsonObject
        {
            ["per_s"] = Math.Round(count / seconds),
            ["count"] = count,
            ["server_cpu_us"] = Math.Round(server * 1e6 / count, 1),
            ["server_cores"] = Math.Round(server / seconds, 2),
            ["sender_cores"] = Math.Round(sender / seconds, 2),
            ["server"] = said,
        };
    }

    /// <summary>Sends a body while its answer is read, and returns the status.</summary>
    private async Task<int> PostAsync(string path, string type, byte[] body, Action<ReadOnlySpan<byte>> line)
    {
        using var connection = new RawConnection(_target);
        var socket = await connection.ConnectAsync(CancellationToken.None);
        var sending = SendAsync(
            socket, (byte[])[.. RequestBytes.PostHead(_target, path, _key, type, body.Length), .. body]);
        await using var answer = new ChunkedBody(socket);
        var status = await answer.ReadHeadAsync(CancellationToken.None);
        await foreach (var part in answer.ReadLinesAsync(CancellationToken.None))
        {
            if (status >= 300)
            {
                throw new HammerException(Encoding.UTF8.GetString(part.Span));
            }

            line(part.Span);
        }

        await sending;
        return status;
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None)..];
        }
    }

    private JsonObject EntryBytes()
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = """
            select length(body) from ledger_entry where instr(body, '"type":"probity.monitoring.decided"') > 0
            order by seq desc limit 20000
            """;
        var sizes = new List<int>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            sizes.Add(reader.GetInt32(0));
        }

        sizes.Sort();
        return sizes.Count == 0 ? [] : new JsonObject
        {
            ["median"] = sizes[sizes.Count / 2], ["p99"] = sizes[(int)(sizes.Count * 0.99)],
        };
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(
            $"Data Source={Path.Combine(_folder, "data", "probity.db")};Mode=ReadOnly");
        connection.Open();
        return connection;
    }

    private static byte[] Joined(List<byte[]> lines)
    {
        using var body = new MemoryStream();
        lines.ForEach(line =>
        {
            body.Write(line);
            body.WriteByte((byte)'\n');
        });
        return body.ToArray();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>What stood on the clocks when a measurement began.</summary>
    private sealed record Moment(ServerFigures Figures, long At, TimeSpan Sender, TimeSpan Server);
}
