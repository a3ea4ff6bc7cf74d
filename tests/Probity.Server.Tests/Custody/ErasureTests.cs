using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Probity.Conformance;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.Custody;
using Probity.Server.Custody.Cli;
using Probity.Server.Custody.Erasure;
using Probity.Server.Hosting.Cli;
using Probity.Server.Keys;
using Probity.Server.Storage;
using Probity.Server.Tests.Access;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Custody;

/// <summary>A person is forgotten: two people, after retention, everywhere, and with every proof still valid.</summary>
public sealed class ErasureTests(SharedPostgres postgres)
{
    private const string Canary = "Quetzalcoatlus-Northropi-7719";

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task A_stolen_store_and_backup_show_no_canary_and_an_erased_person_is_gone_from_both(string store)
    {
        await using var server = await CustodyServer.StartAsync(store, postgres);
        var theirs = await server.RecordAsync(Event("c-1", Canary));
        await SendZippedAsync(server, Event("c-1", Canary));
        var other = await server.RecordAsync(Event("c-2", "someone else"));
        await server.IndexedAsync();
        Assert.Equal(2, await FindAsync(server, "northropi"));
        using var ana = await server.SignInAsync();
        var before = await BackUpAsync(ana);
        Assert.Empty(Finds(server.Folder));
        Assert.Empty(await FindsInDatabaseAsync(server.Database, Canary));

        await server.LetTimePassAsync();
        using var maker = await server.MakerAsync();
        var asked = await maker.PostAsync(
            "/api/v1/erasures", new { subject_type = "customer", subject_id = "c-1",
                reason = "request of the person" });
        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        var id = asked.Json["id"]!.GetValue<string>();
        Assert.Equal("executed",
            (await server.AgreeAsync(asked.Json["approval_id"]!.GetValue<string>()))["state"]!.GetValue<string>());
        await CustodyServer.UntilAsync(async () =>
            await StateAsync(maker, id) == "complete", "the erasure to complete");

        var erased = (await EventAsync(server, theirs))["event"] ?? await EventAsync(server, theirs);
        Assert.DoesNotContain(Canary, erased.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("someone else", (await EventAsync(server, other)).ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(0, await FindAsync(server, "northropi"));
        var certificate = (await maker.GetAsync($"/api/v1/erasures/{id}/certificate")).Text;
        Assert.Contains("c2sp.org/tlog-proof", certificate, StringComparison.Ordinal);
        Assert.Contains(before["id"]!.GetValue<string>(), certificate, StringComparison.Ordinal);
        var verified = await AccessServer.SendAsync(server.Key, HttpMethod.Post, "/api/v1/ledger:verify", new { });
        Assert.True(verified.Json["sound"]!.GetValue<bool>(), verified.Text);

        using var again = await server.SignInAsync();
        var after = await BackUpAsync(again);
        Assert.Empty(Finds(server.Folder));
        Assert.Empty(await FindsInDatabaseAsync(server.Database, Canary));
        Assert.Equal(0, await KeysOfAsync(server, after["name"]!.GetValue<string>(),
            asked.Json["subject"]!.GetValue<string>(), null));
        var register = Path.Combine(server.Folder, "checkpoints", ErasureRegister.FileName);
        Assert.True(File.Exists(register));
        // The old backup still has the key until it is opened with the register, which is carried out before serving.
        Assert.Equal(0, await KeysOfAsync(server, before["name"]!.GetValue<string>(),
            asked.Json["subject"]!.GetValue<string>(), register));
    }

    [Fact]
    public async Task While_retention_runs_the_answer_is_a_letter_with_date_and_ground_and_the_erasure_is_queued()
    {
        await using var server = new CustodyServer();
        await server.InitializeAsync();
        await server.RecordAsync(Event("c-5", "kept"));
        await server.IndexedAsync();
        using var maker = await server.MakerAsync();

        var asked = await maker.PostAsync("/api/v1/erasures",
            new { subject_type = "customer", subject_id = "c-5", reason = "asks" });
        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        await server.AgreeAsync(asked.Json["approval_id"]!.GetValue<string>());

        var id = asked.Json["id"]!.GetValue<string>();
        Assert.Equal("queued", await StateAsync(maker, id));
        var letter = (await maker.GetAsync($"/api/v1/erasures/{id}/letter")).Text;
        Assert.Contains("Article 17(3)(b)", letter, StringComparison.Ordinal);
        Assert.Contains("2033-11-22", letter, StringComparison.Ordinal); // 2,555 days after 2026-11-24
        Assert.Contains("kept", (await EventAsync(server, await server.SizeAsync() - 1, "kept")).ToJsonString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hold_wins_over_an_erasure_whose_time_has_come()
    {
        await using var server = new CustodyServer();
        await server.InitializeAsync();
        await server.RecordAsync(Event("c-6", "held"));
        await server.IndexedAsync();
        await server.LetTimePassAsync();
        using var maker = await server.MakerAsync();
        var hold = await maker.PostAsync(
            "/api/v1/legal-holds",
                new { matter = "Case 7", scope = "subject", subject_type = "customer", value = "c-6",
                reason = "order" });
        Assert.True(hold.Status == HttpStatusCode.Created, hold.Text);

        var asked = await maker.PostAsync("/api/v1/erasures",
            new { subject_type = "customer", subject_id = "c-6", reason = "asks" });
        await server.AgreeAsync(asked.Json["approval_id"]!.GetValue<string>());
        var id = asked.Json["id"]!.GetValue<string>();
        Assert.Equal("queued", await StateAsync(maker, id));

        var released = await maker.PostAsync($"/api/v1/legal-holds/{hold.Json["id"]}:release",
            new { reason = "case closed" });
        Assert.True(released.Status == HttpStatusCode.OK, released.Text);
        server.Services.GetRequiredService<ErasureSignal>().Set();
        await CustodyServer.UntilAsync(async () =>
            await StateAsync(maker, id) == "complete", "the queued erasure to run");
    }

    [Fact]
    public async Task The_maker_alone_erases_nobody()
    {
        await using var server = new CustodyServer();
        await server.InitializeAsync();
        await server.RecordAsync(Event("c-7", "x"));
        await server.IndexedAsync();
        using var maker = await server.MakerAsync();
        var asked = await maker.PostAsync("/api/v1/erasures",
            new { subject_type = "customer", subject_id = "c-7", reason = "asks" });
        var approval = await maker.GetAsync($"/api/v1/approvals/{asked.Json["approval_id"]}");

        (await ApprovalServer.ApproveAsync(maker, approval.Json))
            .IsProblem(HttpStatusCode.Forbidden, "access.maker_is_checker");

        Assert.Equal("asked", await StateAsync(maker, asked.Json["id"]!.GetValue<string>()));
        (await maker.PostAsync("/api/v1/erasures",
            new { subject_type = "customer", subject_id = "nobody", reason = "asks" }))
            .IsProblem(HttpStatusCode.NotFound, "custody.subject_unknown");
    }

    [Fact]
    public async Task The_search_sees_what_lies_in_clear_in_a_PostgreSQL()
    {
        PostgresCluster.SkipIfMissing();
        var cluster = await postgres.GetAsync();
        var database = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        const string control = "Dunkleosteus-Terrelli-3141";
        await using (var source = Npgsql.NpgsqlDataSource.Create(database))
        {
            await using var write = source.CreateCommand(
                "CREATE TABLE control (id int, t text, z bytea); ALTER TABLE control ALTER z SET STORAGE EXTERNAL");
            await write.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            await using var insert = source.CreateCommand("INSERT INTO control VALUES (1, $1, $2), (2, $3, NULL)");
            insert.Parameters.Add(new() { Value = $"x {control} y" });
            insert.Parameters.Add(new() { Value = Zipped($"before {control} after") });
            insert.Parameters.Add(new() { Value = Convert.ToBase64String(Encoding.UTF8.GetBytes($"p{control}tail")) });
            await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var finds = await FindsInDatabaseAsync(database, control);

        foreach (var place in (string[])["pg_wal", "base"])
        {
            var there = finds.Where(f => f.Contains($"/{place}/", StringComparison.Ordinal)).ToList();
            Assert.Contains(there, f => f.EndsWith(":utf8", StringComparison.Ordinal));
            Assert.Contains(there, f => f.EndsWith(":gzip utf8", StringComparison.Ordinal));
            Assert.Contains(there, f => f.Contains(":base64", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_search_for_canaries_finds_each_form()
    {
        using var folder = new TemporaryFolder();
        // As within a page of a database: something before, and garbage behind.
        File.WriteAllBytes(Path.Combine(folder.Path, "zip"), [7, 7, .. Zipped("before " + Canary + " after"), 1, 2, 3]);
        File.WriteAllText(Path.Combine(folder.Path, "utf8"), "x" + Canary);
        File.WriteAllBytes(Path.Combine(folder.Path, "utf16"), Encoding.Unicode.GetBytes("ab" + Canary));
        File.WriteAllBytes(Path.Combine(folder.Path, "utf16be"), Encoding.BigEndianUnicode.GetBytes("ab" + Canary));
        for (var pad = 0; pad < 3; pad++)
        {
            File.WriteAllText(Path.Combine(folder.Path, $"base64-{pad}"),
                Convert.ToBase64String(Encoding.UTF8.GetBytes(new string('p', pad) + Canary + "tail")));
        }

        Assert.Equal(7, Finds(folder.Path).Select(f => f.Split(':')[0]).Distinct().Count());
    }

    private static string Event(string customer, string secret) => new JsonObject
    {
        ["action"] = "customer.update",
        ["actor"] = new JsonObject { ["id"] = "u-1", ["type"] = "user", ["name"] = "Clerk" },
        ["targets"] = new JsonArray(new JsonObject { ["type"] = "customer", ["id"] = customer, ["name"] = secret }),
        ["before"] = new JsonObject { ["name"] = secret },
        ["after"] = new JsonObject { ["name"] = secret + "!" },
        ["reason"] = new JsonObject { ["text"] = "about " + secret },
    }.ToJsonString();

    private static byte[] Zipped(string text)
    {
        var bytes = new MemoryStream();
        using (var zip = new GZipStream(bytes, CompressionLevel.Optimal))
        {
            zip.Write(Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }

    /// <summary>Sends an event as one packs it for the way; no form of it may stay behind.</summary>
    private static async Task SendZippedAsync(CustodyServer server, string json)
    {
        using var content = new ByteArrayContent(Zipped(json));
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        using var answer = await server.Key.PostAsync("/api/v1/events", content, TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.Created,
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<JsonNode> BackUpAsync(Browser administrator)
    {
        var made = await administrator.PostAsync("/api/v1/backups", new { keep_days = 3650 });
        Assert.True(made.Status == HttpStatusCode.Created, made.Text);
        return made.Json;
    }

    private static async Task<string?> StateAsync(Browser browser, string id) =>
        (await browser.GetAsync("/api/v1/erasures")).Json["erasures"]!.AsArray()
            .Single(e => e!["id"]!.GetValue<string>() == id)!["state"]!.GetValue<string>();

    private static async Task<JsonNode> EventAsync(CustodyServer server, long seq, string? find = null)
    {
        var entries = await server.EntriesFromAsync(0);
        var id = (find is null ? entries[(int)seq]
            : entries.Last(e => e["action"]!.GetValue<string>() == "customer.update"))["id"]!.GetValue<string>();
        return (await AccessServer.SendAsync(server.Key, HttpMethod.Get, $"/api/v1/events/{id}")).Json;
    }

    private static async Task<int> FindAsync(CustodyServer server, string word)
    {
        await server.IndexedAsync();
        var found = await AccessServer.SendAsync(server.Key, HttpMethod.Get,
            $"/api/v1/events?filter=text:{word}%20action%3Dcustomer.update");
        Assert.True(found.Status == HttpStatusCode.OK, found.Text);
        return found.Json["events"]!.AsArray().Count;
    }

    /// <summary>Restores a backup elsewhere, opens it as a start does, and counts the person's keys that still
    /// open.</summary>
    private async Task<long> KeysOfAsync(CustodyServer server, string backup, string subject, string? register)
    {
        using var elsewhere = await Installation.CreateAsync(
            server.Database is null ? "sqlite" : "postgresql", postgres);
        elsewhere.TakeKeys(Path.Combine(server.Folder, "keys"));
        var context = elsewhere.Context();
        Assert.Equal(ExitCode.Done, await BackupBody.VerifyAsync(
            Path.Combine(server.Folder, "backups", backup), context, CancellationToken.None));
        var restored = await BackupBody.RestoreAsync(
            new RestoreRequest(Path.Combine(server.Folder, "backups", backup), register, null), context,
                CancellationToken.None);
        Assert.Equal(ExitCode.Done, restored);
        await using var ledger = await LocalLedger.OpenAsync(context, CancellationToken.None);
        await CustodyModule.PrepareCustodyAsync(ledger.Services, CancellationToken.None);
        Assert.Equal(ExitCode.Done, await VerifyBody.RunAsync(
            new VerifyRequest(null), context, CancellationToken.None));
        await using var db = ledger.Services.GetRequiredService<IDatabase>().CreateContext();
        return db.Set<DataKeyRow>().Count(k => k.Subject == subject && k.State != DataKeyRow.Destroyed);
    }

    /// <summary>Where the canary stands in the files of a folder, keys excepted; each find names file and
    /// form.</summary>
    private static List<string> Finds(string folder) => Finds(folder, Canary);

    /// <summary>As <see cref="Finds(string)"/>, in the files of one database and in the write-ahead log.</summary>
    private async Task<List<string>> FindsInDatabaseAsync(string? database, string canary)
    {
        if (database is null)
        {
            return [];
        }

        await using var source = Npgsql.NpgsqlDataSource.Create(database);
        await using var checkpoint = source.CreateCommand("CHECKPOINT");
        await checkpoint.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await using var find = source.CreateCommand(
            "SELECT oid::bigint FROM pg_database WHERE datname = current_database()");
        var oid = (long)(await find.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        var folder = oid.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var files = (await postgres.GetAsync()).DataFolder;
        return
        [
            .. Finds(Path.Combine(files, "base", folder), canary),
            .. Finds(Path.Combine(files, "pg_wal"), canary),
        ];
    }

    private static List<string> Finds(string folder, string canary)
    {
        var finds = new List<string>();
        foreach (var path in Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Where(p => !p.Contains($"{Path.DirectorySeparatorChar}keys{Path.DirectorySeparatorChar}",
                StringComparison.Ordinal)))
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            finds.AddRange(Forms(bytes, canary).Select(form => $"{path}:{form}"));
            finds.AddRange(Inflated(bytes).SelectMany(b => Forms(b, canary)).Select(form => $"{path}:gzip {form}"));
        }

        return finds;
    }

    private static IEnumerable<string> Forms(byte[] bytes, string canary)
    {
        var text = Encoding.UTF8.GetBytes(canary);
        if (bytes.AsSpan().IndexOf(text) >= 0)
        {
            yield return "utf8";
        }

        if (bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(canary)) >= 0)
        {
            yield return "utf16";
        }

        if (bytes.AsSpan().IndexOf(Encoding.BigEndianUnicode.GetBytes(canary)) >= 0)
        {
            yield return "utf16be";
        }

        for (var skip = 0; skip < 3; skip++)
        {
            // At each of three alignments a middle part of the canary has the same base64, whatever stands around it.
            var whole = text[skip..];
            var part = Convert.ToBase64String(whole[..(whole.Length / 3 * 3)]);
            if (bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(part)) >= 0)
            {
                yield return $"base64 {skip}";
            }
        }
    }

    private static IEnumerable<byte[]> Inflated(byte[] bytes)
    {
        for (var at = 0; at + 3 < bytes.Length; at++)
        {
            if (bytes[at] != 0x1F || bytes[at + 1] != 0x8B || bytes[at + 2] != 8)
            {
                continue;
            }

            var plain = new MemoryStream();
            try
            {
                using var zip = new GZipStream(new MemoryStream(bytes, at, bytes.Length - at),
                    CompressionMode.Decompress);
                zip.CopyTo(plain);
            }
            catch (InvalidDataException)
            {
                // Two bytes by chance, or garbage behind: what came out before counts.
            }

            yield return plain.ToArray();
        }
    }
}
