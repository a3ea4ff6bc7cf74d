using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Probity.Hammer;
using Probity.Hammer.Crash;
using Probity.Hammer.Http;
using Probity.Hammer.Load;
using Probity.Monitoring;
using Probity.Monitoring.Worlds;

namespace Probity.Benchmarks.Measurements;

/// <summary>
/// Decisions over REST by the real server in a process of its own, on SQLite, durable, with the shipped rules, every
/// customer registered and screened: lines, single posts, and single posts at half of the highest rate. The sender
/// shares the machine; what it takes of it is told.
/// </summary>
internal sealed class MonitoringServerMeasurement : IAsyncDisposable
{
    private const int Connections = 64;
    private const int Streams = 2;
    private const int LinesOfBody = 5_000;

    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(10);

    private readonly string _folder;
    private readonly bool _isKept;
    private readonly string _source =
        "bench" + TimeProvider.System.GetUtcNow().Ticks.ToString(CultureInfo.InvariantCulture);
    private readonly World _world;
    private readonly IEnumerator<byte[]> _lines;
    private readonly Lock _lock = new();
    private readonly LoopbackTarget _target;
    private readonly ServerProcess _server;
    private string _key = "";

    private MonitoringServerMeasurement(int accounts, string? folder)
    {
        _isKept = folder is not null;
        _folder = folder is null
            ? Directory.CreateTempSubdirectory("probity-bench-").FullName
            : Directory.CreateDirectory(folder).FullName;
        _world = new World(new WorldOptions { Accounts = accounts, WarmUpDays = 30, Days = 30 });
        _lines = _world.Events().Select(item => Line(item.Transaction)).GetEnumerator();
        _target = LoopbackTarget.Of(IPAddress.Loopback, FreePort());
        var program = Path.Combine(AppContext.BaseDirectory, "probity.dll");
        _server = new ServerProcess(
            new ServerCommand("dotnet " + program, Path.Combine(_folder, "data"), new Dictionary<string, string>()),
            _target, Path.Combine(_folder, "server.log"));
    }

    /// <summary>Measures.</summary>
    /// <param name="accounts">How many accounts the world has; their owners are registered.</param>
    /// <param name="folder">Where the server's data stays for the next run; null removes it.</param>
    public static async Task<JsonObject> RunAsync(int accounts, string? folder)
    {
        await using var measurement = new MonitoringServerMeasurement(accounts, folder);
        return await measurement.RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _lines.Dispose();
        await _server.KillAsync();
        _server.Dispose();
        if (!_isKept)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task<JsonObject> RunAsync()
    {
        var report = new JsonObject();
        var ready = await _server.StartAsync(CancellationToken.None);
        var key = Path.Combine(_folder, "data", "keys", "bootstrap.key");
        _key = (await File.ReadAllTextAsync(key)).Trim();
        BenchmarkRun.Say($"ready after {ready.TotalSeconds:F1} s");
        report["ready_s"] = Math.Round(ready.TotalSeconds, 2);
        report["memory_mb_at_start"] = _server.MemoryBytes >> 20;
        await RegisterAsync(report);
        await IngestAsync(20_000); // Lets the runtime compile what is used most.
        report["lines"] = await IngestAsync(60_000);
        await SingleAsync(TimeSpan.FromSeconds(3), 0);
        report["single"] = await SingleAsync(s_window, 0);
        report["half"] = await SingleAsync(s_window, (int)(report["single"]!["per_s"]!.GetValue<double>() / 2));
        report["memory_mb"] = _server.MemoryBytes >> 20;
        report["entry_bytes"] = EntryBytes();
        return report;
    }

    // A folder that is used again has them already.
    private async Task RegisterAsync(JsonObject report)
    {
        var done = Path.Combine(_folder, "registered");
        if (File.Exists(done))
        {
            return;
        }

        const string List = "id,list,type,name,dob,country\n1,own_bench,person,Ulvar Quistorp,1961-02-03,RU\n";
        var loaded = await PostAsync(
            "/api/v1/screening/lists:load?name=own_bench.csv", "text/csv", Encoding.UTF8.GetBytes(List), _ => { });
        var documents = _world.Parties.GroupBy(party => party.Customer!, StringComparer.Ordinal)
            .Select((owned, i) => Customer(owned.Key, [.. owned.Select(party => party.Account!)], i)).ToList();
        var started = Stopwatch.GetTimestamp();
        var before = _server.MemoryBytes;
        await PostAsync(
            "/api/v1/customers:import", "application/x-ndjson",
            Encoding.UTF8.GetBytes(string.Join('\n', documents)), _ => { });
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        BenchmarkRun.Say($"{documents.Count} customers registered, {documents.Count / seconds:F0}/s; list {loaded}");
        report["customers"] = documents.Count;
        report["customers_per_s"] = Math.Round(documents.Count / seconds);
        report["memory_mb_of_registering"] = (_server.MemoryBytes - before) >> 20;
        await File.WriteAllTextAsync(done, "");
    }

    private async Task<JsonObject> IngestAsync(int count)
    {
        var (started, ours, theirs) = Start();
        var decided = 0L;
        await Task.WhenAll(Enumerable.Range(0, Streams).Select(async _ =>
        {
            for (var sent = 0; sent < count / Streams; sent += LinesOfBody)
            {
                var lines = Take(Math.Min(LinesOfBody, (count / Streams) - sent));
                await PostAsync("/api/v1/transactions:ingest", "application/x-ndjson", Joined(lines), line =>
                {
                    if (line.IndexOf("\"decided\""u8) >= 0)
                    {
                        Interlocked.Increment(ref decided);
                    }
                });
            }
        }));
        return Finish("lines", decided, started, ours, theirs);
    }

    /// <summary>Single posts, as many as go or so many a second, with their times.</summary>
    private async Task<JsonObject> SingleAsync(TimeSpan window, int perSecond)
    {
        var posts = new Queue<byte[]>(Take((int)(window.TotalSeconds * (perSecond == 0 ? 8_000 : perSecond + 1)))
            .Select(line => RequestBytes.Post(_target, "/api/v1/transactions", _key, line)));
        var pacer = perSecond == 0 ? null : new Pacer(perSecond, window);
        var (started, ours, theirs) = Start();
        var deadline = started + (long)(window.TotalSeconds * Stopwatch.Frequency);
        var (failed, times) = (0L, new LatencyHistogram());
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            using var connection = new RawConnection(_target);
            var own = new LatencyHistogram();
            while (await DueAsync() is { } due)
            {
                // Counted from when it was due: a server that falls behind does not hide it.
                var answer = await connection.SendAsync(Next(posts), CancellationToken.None);
                Interlocked.Add(ref failed, answer.Status == 201 ? 0 : 1);
                own.Record(due, Stopwatch.GetTimestamp());
            }

            lock (_lock)
            {
                times.Add(own);
            }
        }).Append(pacer?.RunAsync(CancellationToken.None) ?? Task.CompletedTask));
        var told = Finish("posts", times.Count, started, ours, theirs);
        told["failed"] = failed;
        told["ms"] = times.ToJson();
        BenchmarkRun.Say($"{times.ToJson().ToJsonString()}, {failed} failed");
        return told;

        // As soon as the last is answered and until the deadline, or when the pacer says so.
        ValueTask<long?> DueAsync() =>
            pacer is not null ? pacer.NextAsync(CancellationToken.None)
            : Stopwatch.GetTimestamp() is var now && now < deadline ? new(now) : new((long?)null);
    }

    private byte[] Next(Queue<byte[]> posts)
    {
        lock (_lock)
        {
            return posts.TryDequeue(out var post)
                ? post : RequestBytes.Post(_target, "/api/v1/transactions", _key, TakeLocked(1)[0]);
        }
    }

    private (long Started, TimeSpan Ours, TimeSpan Theirs) Start() =>
        (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, _server.ProcessorTime);

    private JsonObject Finish(string what, long count, long started, TimeSpan ours, TimeSpan theirs)
    {
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var server = (_server.ProcessorTime - theirs).TotalSeconds;
        var sender = (Environment.CpuUsage.TotalTime - ours).TotalSeconds;
        BenchmarkRun.Say(
            $"{count / seconds:F0} {what}/s, {server * 1e6 / count:F0} us of processor each, "
            + $"{server / seconds:F2} cores, the sender {sender / seconds:F2}");
        return new JsonObject
        {
            ["per_s"] = Math.Round(count / seconds),
            ["count"] = count,
            ["server_cpu_us"] = Math.Round(server * 1e6 / count, 1),
            ["server_cores"] = Math.Round(server / seconds, 2),
            ["sender_cores"] = Math.Round(sender / seconds, 2),
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
        using var connection = new SqliteConnection(
            $"Data Source={Path.Combine(_folder, "data", "probity.db")};Mode=ReadOnly");
        connection.Open();
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

    private List<byte[]> Take(int count)
    {
        lock (_lock)
        {
            return TakeLocked(count);
        }
    }

    private List<byte[]> TakeLocked(int count)
    {
        var taken = new List<byte[]>(count);
        while (taken.Count < count && _lines.MoveNext())
        {
            taken.Add(_lines.Current);
        }

        return taken.Count == count ? taken : throw new UsageException("The world is too small: more --accounts.");
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

    private static string Customer(string number, string[] accounts, int place)
    {
        var born = new DateOnly(1950, 1, 1).AddDays(place % 18_000);
        return new JsonObject
        {
            ["external_id"] = number,
            ["kind"] = "person",
            ["names"] = new JsonArray(new JsonObject { ["text"] = Name(place) }),
            ["dates"] = new JsonArray(new JsonObject { ["kind"] = "birth", ["date"] = Day(born) }),
            ["countries"] = new JsonArray(new JsonObject { ["kind"] = "residence", ["code"] = "US" }),
            ["accounts"] = new JsonArray([.. accounts.Select(account => new JsonObject
            {
                ["number"] = account, ["currency"] = "USD", ["country"] = "US", ["opened_on"] = "2020-03-02",
            })]),
            ["due_diligence"] = new JsonObject { ["rating"] = "medium", ["segment"] = "retail" },
        }.ToJsonString();
    }

    private static string Name(int place)
    {
        string[] parts = ["ma", "ri", "to", "ken", "sol", "be", "dan", "ul", "is", "por", "ta", "vel"];
        string Word(int number) => string.Concat(
            Enumerable.Range(0, 3).Select(i => parts[number / (int)Math.Pow(12, i) % 12]));
        return $"{Word(place)} {Word(place / 7 * 31)}";
    }

    private byte[] Line(Transaction transaction)
    {
        var line = new JsonObject
        {
            ["source"] = _source,
            ["id"] = transaction.Key.Id,
            ["occurred_at"] = transaction.OccurredAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["amount"] = transaction.Amount.ToWire(),
            ["currency"] = transaction.Amount.Currency.Value,
            ["type"] = transaction.Type,
        };
        foreach (var (name, party) in (ReadOnlySpan<(string, TransactionParty)>)
            [("debtor", transaction.Debtor), ("creditor", transaction.Creditor)])
        {
            if (Party(party) is { } known)
            {
                line[name] = known;
            }
        }

        return Encoding.UTF8.GetBytes(line.ToJsonString());
    }

    private static JsonObject? Party(TransactionParty party)
    {
        var json = new JsonObject();
        foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)
            [("account", party.Account), ("customer", party.Customer), ("country", party.Country)])
        {
            if (value is not null)
            {
                json[name] = value;
            }
        }

        return json.Count == 0 ? null : json;
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
