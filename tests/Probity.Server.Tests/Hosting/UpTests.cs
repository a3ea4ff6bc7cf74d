using System.Text.Json;
using Probity.Conformance;
using Probity.Server.AuditTrail.Health;
using Probity.Server.Hosting.Doctor;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Hosting;

public sealed class UpTests(SharedPostgres postgres)
{
    [Fact]
    public async Task Without_encryption_the_start_warns_the_log_of_the_server_too_and_an_entry_says_so()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(
            folder.At("data"), ("AUDIT_ENABLE_ENCRYPTION", "false"), ("AUDIT_LOG_FORMAT", "json"));
        using var http = new HttpClient { BaseAddress = server.Url };
        http.DefaultRequestHeaders.Authorization = new(
            "Bearer", (await File.ReadAllTextAsync(folder.At("data", "keys", "bootstrap.key"))).Trim());

        var exported = await http.GetStringAsync(new Uri("/api/v1/ledger:export?format=ndjson", UriKind.Relative));
        var (code, errors) = await server.StopAsync();

        Assert.Equal(0, code);
        Assert.Contains("\"probity.ledger.encryption_off\"", exported, StringComparison.Ordinal);
        Assert.Contains(server.Output, line => line.Contains("encryption OFF", StringComparison.Ordinal));
        var lines = errors.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.NotEmpty(lines);
        Assert.All(lines, line =>
        {
            Assert.EndsWith("Z", line.GetProperty("Timestamp").GetString(), StringComparison.Ordinal);
            Assert.NotEmpty(line.GetProperty("Message").GetString()!);
        });
        var warning = Assert.Single(lines, line => line.GetProperty("EventId").GetInt32() == 1051);
        Assert.Equal("Warning", warning.GetProperty("LogLevel").GetString());
    }

    [Fact]
    public async Task With_encryption_nothing_is_said()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.At("data"));

        var (_, errors) = await server.StopAsync();

        Assert.DoesNotContain(errors, line => line.Contains("ncryption is OFF", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Output, line => line.Contains("OFF", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Up_and_doctor_work_against_a_living_PostgreSQL()
    {
        PostgresCluster.SkipIfMissing();
        var cluster = await postgres.GetAsync();
        using var folder = new TemporaryFolder();
        var store = ("AUDIT_DATABASE_URL", cluster.ConnectionString(await cluster.CreateDatabaseAsync()));

        var before = await LookAsync(folder.At("data"), store);
        await using var server = await ServerProcess.StartAsync(folder.At("data"), store);
        using var http = new HttpClient { BaseAddress = server.Url };
        var ready = await http.GetAsync(new Uri("/readyz", UriKind.Relative));
        var during = await LookAsync(folder.At("data"), store);
        var otherKey = await LookAsync(folder.At("data"), store, ("AUDIT_ENCRYPTION_KEY", new string('a', 63) + "b"));
        var (code, _) = await server.StopAsync();

        Assert.Contains(before, f => f is { Check: "ledger", Kind: FindingKind.Warning } && f.Text.Contains("not applied", StringComparison.Ordinal));
        Assert.True(ready.IsSuccessStatusCode);
        Assert.Contains(during, f => f is { Check: "ledger", Kind: FindingKind.Ok, Text: "every migration is applied" });
        Assert.Contains(during, f => f is { Check: "ledger", Kind: FindingKind.Ok, Text: "the root key opens the stored keys" });
        Assert.Contains(during, f => f.Check == "store" && f.Text.Contains("PostgreSQL", StringComparison.Ordinal));
        Assert.DoesNotContain(during, f => f.Kind is FindingKind.Fault or FindingKind.Misconfigured);
        Assert.Contains(otherKey, f => f is { Check: "ledger", Kind: FindingKind.Fault });
        Assert.Equal(0, code);
    }

    private static Task<IReadOnlyList<Finding>> LookAsync(string folder, params (string Name, string Value)[] environment) =>
        DoctorRun.LookAsync(
            environment.Append(("AUDIT_DATA_DIR", folder)).ToDictionary(pair => pair.Item1, pair => pair.Item2),
            new Dictionary<string, string>(),
            [new LedgerDoctorCheck()],
            CancellationToken.None);
}
