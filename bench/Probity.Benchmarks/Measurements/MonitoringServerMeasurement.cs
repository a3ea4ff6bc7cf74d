using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Probity.Hammer;
using Probity.Monitoring;
using Probity.Monitoring.Worlds;
using Probity.Server.Access;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Health;
using Probity.Server.Hosting.Settings;

namespace Probity.Benchmarks.Measurements;

/// <summary>
/// Decisions over REST by the whole server on SQLite, durable, with the shipped rules: lines, single posts, and single
/// posts at half of the highest rate. Sender and server share the machine.
/// </summary>
internal sealed class MonitoringServerMeasurement : IAsyncDisposable
{
    private const int Connections = 64;
    private const int Streams = 2;

    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(10);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("probity-bench-");
    private readonly IEnumerator<string> _lines;
    private readonly Lock _lock = new();
    private WebApplication? _app;
    private HttpClient _http = new();

    private MonitoringServerMeasurement(int accounts)
    {
        var world = new World(new WorldOptions { Accounts = accounts, WarmUpDays = 30, Days = 30 });
        _lines = world.Events().Select(item => Line(item.Transaction)).GetEnumerator();
    }

    public static async Task<JsonObject> RunAsync(int accounts)
    {
        await using var measurement = new MonitoringServerMeasurement(accounts);
        await measurement.StartAsync();
        await measurement.IngestAsync(5_000);
        var lines = await measurement.IngestAsync(60_000);
        await measurement.SingleAsync(TimeSpan.FromSeconds(3), 0);
        var single = await measurement.SingleAsync(s_window, 0);
        var half = await measurement.SingleAsync(s_window, single["per_s"]!.GetValue<double>() / 2);
        return new JsonObject { ["lines"] = lines, ["single"] = single, ["half"] = half };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _lines.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    private async Task StartAsync()
    {
        BenchmarkRun.Say("starting the server");
        var reading = SettingsReader.Read(new Dictionary<string, string>
        {
            [SettingCatalogue.DataDir.Name] = _folder.FullName,
            [SettingCatalogue.Urls.Name] = "http://127.0.0.1:0",
        });
        var settings = KeyFiles.Complete(
            reading.Settings ?? throw new UsageException("The settings are not sound."), mayCreate: true).Settings
            ?? throw new UsageException("The keys could not be made.");
        _app = ProbityHost.Build(settings, Composition.Modules);
        await Composition.Modules.Prepare(_app.Services, CancellationToken.None);
        await _app.Services.GetRequiredService<BootstrapKey>()
            .EnsureAsync(settings.BootstrapKeyFile, CancellationToken.None);
        await _app.StartAsync();
        _app.Services.GetRequiredService<StartupState>().Finish();
        var address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!
            .Addresses.Single(); // It listens, so it has one.
        _http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Connections + Streams })
        {
            BaseAddress = new Uri(address), Timeout = TimeSpan.FromMinutes(5),
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", (await File.ReadAllTextAsync(settings.BootstrapKeyFile)).Trim());
    }

    private async Task<JsonObject> IngestAsync(int count)
    {
        var started = Stopwatch.GetTimestamp();
        var processor = Process.GetCurrentProcess().TotalProcessorTime;
        var decided = await Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => StreamAsync(count / Streams)));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var spent = (Process.GetCurrentProcess().TotalProcessorTime - processor).TotalSeconds;
        BenchmarkRun.Say($"{decided.Sum() / seconds:F0} lines/s, {spent * 1e6 / decided.Sum():F0} us of processor each");
        return new JsonObject
        {
            ["per_s"] = Math.Round(decided.Sum() / seconds),
            ["decided"] = decided.Sum(),
            ["process_cpu_us"] = Math.Round(spent * 1e6 / decided.Sum(), 1),
        };
    }

    private async Task<int> StreamAsync(int count)
    {
        using var body = new StringContent(
            string.Join('\n', Take(count)), Encoding.UTF8, "application/x-ndjson");
        using var response = await _http.PostAsync(new Uri("/api/v1/transactions:ingest", UriKind.Relative), body);
        response.EnsureSuccessStatusCode();
        var text = await response.Content.ReadAsStringAsync();
        return text.Split('\n').Count(line => line.Contains("\"decided\"", StringComparison.Ordinal));
    }

    /// <summary>Single posts, as many as go or so many a second, with their times.</summary>
    private async Task<JsonObject> SingleAsync(TimeSpan window, double perSecond)
    {
        var times = new ConcurrentQueue<double>();
        var failed = 0;
        var started = Stopwatch.GetTimestamp();
        var next = -1L;
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(started) < window)
            {
                var due = perSecond == 0
                    ? Stopwatch.GetElapsedTime(started)
                    : TimeSpan.FromSeconds(Interlocked.Increment(ref next) / perSecond);
                var wait = due - Stopwatch.GetElapsedTime(started);
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait);
                }

                // Counted from when it was due: a server that falls behind does not hide it.
                failed += await PostAsync() ? 0 : 1;
                times.Enqueue((Stopwatch.GetElapsedTime(started) - due).TotalMilliseconds);
            }
        }));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var sorted = times.Order().ToArray();
        double At(double share) => Math.Round(sorted[(int)((sorted.Length - 1) * share)], 2);
        BenchmarkRun.Say($"{sorted.Length / seconds:F0} posts/s, p50 {At(0.5)} ms, p99 {At(0.99)} ms");
        return new JsonObject
        {
            ["per_s"] = Math.Round(sorted.Length / seconds), ["failed"] = failed,
            ["p50_ms"] = At(0.5), ["p99_ms"] = At(0.99), ["p999_ms"] = At(0.999),
        };
    }

    private async Task<bool> PostAsync()
    {
        using var body = new StringContent(Take(1)[0], Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(new Uri("/api/v1/transactions", UriKind.Relative), body);
        return response.IsSuccessStatusCode;
    }

    private List<string> Take(int count)
    {
        lock (_lock)
        {
            var taken = new List<string>(count);
            while (taken.Count < count && _lines.MoveNext())
            {
                taken.Add(_lines.Current);
            }

            return taken.Count == count ? taken : throw new UsageException("The world is too small: more --accounts.");
        }
    }

    private static string Line(Transaction transaction)
    {
        var line = new JsonObject
        {
            ["source"] = transaction.Key.Source,
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

        return line.ToJsonString();
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
}
