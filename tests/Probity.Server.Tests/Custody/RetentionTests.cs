using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Tests.Access;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Custody;

public sealed class RetentionTests(SharedPostgres postgres)
{
    /// <summary>Entries whose time is over; <c>PROBITY_PURGE_ENTRIES</c> makes it a million.</summary>
    private static readonly int s_old = int.TryParse(
        Environment.GetEnvironmentVariable("PROBITY_PURGE_ENTRIES"), out var asked) ? asked : 20_000;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task A_purge_takes_what_is_due_leaves_what_is_held_and_every_proof_holds(string store)
    {
        await using var server = await CustodyServer.StartAsync(store, postgres);
        await IngestAsync(server, s_old);
        await server.LetTimePassAsync();
        await IngestAsync(server, 300); // Newer ones, so that the old lie in full tiles.
        using var maker = await server.MakerAsync();
        var hold = await maker.PostAsync(
            "/api/v1/legal-holds",
                new { matter = "Case 9", scope = "subject", subject_type = "user", value = "u-7", reason = "order" });
        Assert.True(hold.Status == HttpStatusCode.Created, hold.Text);
        var started = System.Diagnostics.Stopwatch.StartNew();
        var dry = (await maker.GetAsync("/api/v1/retention/dry-run")).Json["types"]!.AsArray()
            .Single(t => t!["event_type"]!.GetValue<string>() == "event");
        Assert.Equal(s_old / 10, dry!["held"]!.GetValue<long>());
        Assert.Equal(s_old - (s_old / 10), dry["due"]!.GetValue<long>());

        var asked = await maker.PostAsync("/api/v1/retention/purges", new { reason = "yearly" });
        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        await server.AgreeAsync(asked.Json["approval_id"]!.GetValue<string>());
        await CustodyServer.UntilAsync(async () => await StateAsync(maker) == "complete", "the purge to end", 72_000);
        TestContext.Current.SendDiagnosticMessage($"{store}: {s_old} entries judged and purged in {started.Elapsed}");

        var left = await server.Services.GetRequiredService<ILedgerStore>()
            .ReadEntriesAsync(0, s_old + 100_000, CancellationToken.None);
        var old = left.Select(e => JsonNode.Parse(e.Body.Span)!).Where(e => e["action"]!.GetValue<string>() == "test.do"
            && e["recorded_at"]!.GetValue<string>().StartsWith("2026-11-24", StringComparison.Ordinal)).ToList();
        Assert.Equal(s_old / 10, old.Count);
        Assert.All(old, e => Assert.Equal("u-7", e["actor"]!["id"]!.GetValue<string>()));
        var verified = await AccessServer.SendAsync(server.Key, HttpMethod.Post, "/api/v1/ledger:verify", new { });
        Assert.True(verified.Json["sound"]!.GetValue<bool>(), verified.Text);
        Assert.True(verified.Json["purged_entries"]!.GetValue<long>() >= s_old - (s_old / 10), verified.Text);
        Assert.Equal(2, verified.Json["purged"]![0]!["approvers"]!.AsArray().Count);
        var proof = await AccessServer.SendAsync(
            server.Key, HttpMethod.Get, $"/api/v1/events/{old[0]["id"]!.GetValue<string>()}/proof");
        Assert.True(proof.Status == HttpStatusCode.OK, proof.Text);
        await ExportAndVerifyAsync(server);
        await PackAndVerifyAsync(server, old[0]["seq"]!.GetValue<long>(), store);
    }

    [Fact]
    public async Task No_segment_of_the_search_index_remembers_what_a_long_run_of_purged_entries_held()
    {
        await using var server = new CustodyServer();
        await server.InitializeAsync();
        await IngestAsync(server, 5_000); // One run of numbers, several segments of the index.
        await server.IndexedAsync();
        await server.LetTimePassAsync();
        for (var i = 0; i < 300; i++)
        {
            await server.RecordAsync("""{"action":"other.do","actor":{"id":"u"}}""");
        }

        await server.IndexedAsync();
        Assert.Equal(["test.do"], await ActionsAsync(server));
        using var maker = await server.MakerAsync();
        var asked = await maker.PostAsync("/api/v1/retention/purges", new { reason = "yearly" });
        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        await server.AgreeAsync(asked.Json["approval_id"]!.GetValue<string>());
        await CustodyServer.UntilAsync(async () => await StateAsync(maker) == "complete", "the purge to end");

        Assert.Empty(await ActionsAsync(server));
    }

    private static async Task<IReadOnlyList<string>> ActionsAsync(CustodyServer server)
    {
        var found = await AccessServer.SendAsync(
            server.Key, HttpMethod.Get, "/api/v1/events:values?field=action&prefix=test");
        Assert.True(found.Status == HttpStatusCode.OK, found.Text);
        return [.. found.Json["values"]!.AsArray().Select(v => v!["value"]!.GetValue<string>())];
    }

    [Fact]
    public async Task An_entry_that_no_purge_names_is_not_removed()
    {
        await using var server = new CustodyServer();
        await server.InitializeAsync();
        await IngestAsync(server, 300);
        var store = server.Services.GetRequiredService<ILedgerStore>();

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() =>
            store.PurgeAsync([(5, 6)], [], CancellationToken.None));

        Assert.Single(await store.ReadEntriesAsync(5, 1, CancellationToken.None));
    }

    [Fact]
    public async Task Keeping_longer_is_done_at_once_and_keeping_less_waits_for_a_second_person()
    {
        await using var server = new CustodyServer();
        await server.InitializeAsync();
        using var maker = await server.MakerAsync();

        var longer = await maker.SendAsync(
            HttpMethod.Put, "/api/v1/retention/policies/event",
                new { period = "10y", basis = "31 CFR 1010.430", reason = "rule" });
        Assert.True(longer.Status == HttpStatusCode.OK, longer.Text);
        Assert.Equal("10 calendar years", longer.Json["period"]!.GetValue<string>());
        var shorter = await maker.SendAsync(
            HttpMethod.Put, "/api/v1/retention/policies/event",
                new { period = "30", basis = "none", reason = "space" });
        Assert.True(shorter.Status == HttpStatusCode.Accepted, shorter.Text);
        Assert.Equal("10 calendar years", await PeriodAsync(maker));

        await server.AgreeAsync(shorter.Json["approval_id"]!.GetValue<string>());

        Assert.Equal("30 days", await PeriodAsync(maker));
    }

    private static async Task IngestAsync(CustodyServer server, int count)
    {
        for (var from = 0; from < count; from += 5_000)
        {
            await IngestAsync(server, from, Math.Min(5_000, count - from));
        }
    }

    private static async Task IngestAsync(CustodyServer server, int from, int count)
    {
        var lines = string.Join('\n', Enumerable.Range(from, count).Select(i =>
            $$$"""{"action":"test.do","actor":{"id":"u-{{{i % 10}}}","name":"N"},"data":{"n":{{{i}}}}}"""));
        using var content = new StringContent(lines, System.Text.Encoding.UTF8, "application/x-ndjson");
        using var answer = await server.Key.PostAsync("/api/v1/events:ingest", content,
            TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode,
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await answer.Content.LoadIntoBufferAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<string?> StateAsync(Browser browser) =>
        (await browser.GetAsync("/api/v1/retention/purges")).Json["purges"]![0]!["state"]!.GetValue<string>();

    private static async Task<string?> PeriodAsync(Browser browser) =>
        (await browser.GetAsync("/api/v1/retention/policies")).Json["policies"]!.AsArray()
            .Single(p => p!["event_type"]!.GetValue<string>() == "event")!["period"]!.GetValue<string>();

    private static async Task ExportAndVerifyAsync(CustodyServer server)
    {
        using var folder = new TemporaryFolder();
        var target = Path.Combine(folder.Path, "log");
        var stored = await Probity.Server.AuditTrail.Verification.StoredLog.OpenAsync(
            server.Services.GetRequiredService<ILedgerStore>(),
            server.Services.GetRequiredService<Probity.Server.AuditTrail.LogIdentity>().Origin, CancellationToken.None);
        var identity = server.Services.GetRequiredService<Probity.Server.AuditTrail.LogIdentity>();
        await Probity.Ledger.Evidence.ExportedLogWriter.WriteAsync(stored, target, [identity.Key], stored);
        var exported = Probity.Ledger.Evidence.ExportedLog.Open(target);
        var report = await Probity.Ledger.Verification.LogAuditor.AuditAsync(
            exported, new Probity.Ledger.Verification.AuditOptions([identity.Key]), CancellationToken.None);
        Assert.True(report.IsSound, string.Join('\n', report.Findings));
        Assert.NotEmpty(report.Purged);
        Assert.All(report.Purged, purged => Assert.Equal(2, purged.Approvers.Count));
        var (code, text) = await Programs.VerifyAsync(target, "--key", identity.Key.ToString());
        Assert.True(code == 0, text);
        Assert.Contains("were purged: entry", text, StringComparison.Ordinal);
        await TamperAsync(target, identity.Key.ToString());
    }

    /// <summary>A pack over purged entries, checked by the program that knows nothing but the log's key.</summary>
    private static async Task PackAndVerifyAsync(CustodyServer server, long around, string store)
    {
        using var folder = new TemporaryFolder();
        var key = server.Services.GetRequiredService<Probity.Server.AuditTrail.LogIdentity>().Key.ToString();
        var from = Math.Max(0, around - 5);
        var pack = Path.Combine(folder.Path, "pack.zip");
        await using (var file = File.Create(pack))
        {
            await using var answer = await server.Key.GetStreamAsync(
                $"/api/v1/ledger:export?format=pack&from={from}&to={from + 20}", TestContext.Current.CancellationToken);
            await answer.CopyToAsync(file, TestContext.Current.CancellationToken);
        }

        var (code, text) = await Programs.VerifyAsync(pack, "--key", key);

        Assert.True(code == 0, text);
        Assert.Contains("purged entries had their place in the log", text, StringComparison.Ordinal);
        Assert.Matches("were purged: entry [0-9]+ of .*, approved by usr_[^,]+, usr_", text);
        await RefuseWithoutPurgeEntryAsync(pack, key, store);
    }

    /// <summary>The negative control: the same pack without the entry that names the purged ones.</summary>
    private static async Task RefuseWithoutPurgeEntryAsync(string pack, string key, string store)
    {
        var zip = await System.IO.Compression.ZipFile.OpenAsync(
            pack, System.IO.Compression.ZipArchiveMode.Update, TestContext.Current.CancellationToken);
        await using (zip)
        {
            foreach (var part in zip.Entries.Where(e => e.FullName.EndsWith(".json", StringComparison.Ordinal)
                && e.FullName.StartsWith("entries/", StringComparison.Ordinal)).ToList())
            {
                using var reader = new StreamReader(await part.OpenAsync(TestContext.Current.CancellationToken));
                if ((await reader.ReadToEndAsync(TestContext.Current.CancellationToken))
                    .Contains("\"type\":\"probity.custody.purged\"", StringComparison.Ordinal))
                {
                    reader.Dispose();
                    part.Delete();
                }
            }
        }

        var (code, text) = await Programs.VerifyAsync(pack, "--key", key);

        Assert.True(code == 1, store + text);
        Assert.Contains("is not proven by this pack to be a purge entry", text, StringComparison.Ordinal);
    }

    /// <summary>The negative control: a place that no purge names is emptied, and the program says so.</summary>
    private static async Task TamperAsync(string target, string key)
    {
        var bundle = Path.Combine(target, "tile", "entries", "000");
        var bytes = await File.ReadAllBytesAsync(bundle);
        var length = (bytes[0] << 8) | bytes[1]; // The first entry of the log, which is of the server itself.
        await File.WriteAllBytesAsync(bundle, [0, 0, .. bytes[(2 + length)..]]);

        var (code, text) = await Programs.VerifyAsync(target, "--key", key);

        Assert.True(code == 1, text);
        Assert.Contains("deleted", text, StringComparison.OrdinalIgnoreCase);
    }
}
