using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Access;
using Probity.Server.Tests.Hosting;
using Xunit;

namespace Probity.Server.Tests.Access;

public class ApiKeyTests
{
    [Fact]
    public void A_secret_has_the_documented_shape_and_prints_only_its_prefix()
    {
        var secret = ApiKeySecret.Draw();

        Assert.Matches("^pk_[a-z2-9]{8}_[A-Za-z0-9_-]{43}$", secret.Reveal());
        Assert.Equal($"pk_{secret.Prefix}_…", secret.ToString());
        Assert.True(ApiKeySecret.TryParse(secret.Reveal(), out var parsed));
        Assert.Equal(secret.Hash, parsed.Hash);
        Assert.False(ApiKeySecret.TryParse(secret.Reveal() + "A", out _));
        Assert.False(ApiKeySecret.TryParse("pk_short", out _));
    }

    [Fact]
    public async Task A_key_is_created_used_listed_and_revoked_and_its_secret_is_told_once()
    {
        await using var server = await RunningServer.StartAsync();
        var admin = await server.IssueAsync(Permission.ManageKeys, Permission.ReadEntries);

        using var created = await server.SendAsync(HttpMethod.Post, "/api/v1/api-keys", admin, JsonContent.Create(
            new { name = "reader", scopes = (string[])[Permission.ReadEntries] }));
        var body = JsonNode.Parse(await created.Content.ReadAsStringAsync())!;
        Assert.True(ApiKeySecret.TryParse((string)body["secret"]!, out var secret));
        var id = (string)body["key"]!["id"]!;

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("/api/v1/api-keys/" + id, created.Headers.Location!.ToString());
        Assert.Equal("2027-11-24T12:00:00+00:00", (string?)body["key"]!["expires_at"]);
        Assert.Equal("tests", (string?)body["key"]!["owner"]);
        Assert.Equal(id, await (await server.GetAsync("/api/v1/test/read", secret)).Content.ReadAsStringAsync());
        Assert.Equal(new DateOnly(2026, 11, 24), server.Store.Keys[id].LastUsedDay);
        var list = await (await server.GetAsync("/api/v1/api-keys", admin)).Content.ReadAsStringAsync();
        Assert.Contains(id, list, StringComparison.Ordinal);
        Assert.DoesNotContain(secret.Reveal(), list, StringComparison.Ordinal);
        Assert.DoesNotContain(secret.Hash.ToString(), list, StringComparison.OrdinalIgnoreCase);

        using var revoked = await server.SendAsync(HttpMethod.Delete, "/api/v1/api-keys/" + id, admin);
        using var after = await server.GetAsync("/api/v1/test/read", secret);

        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
        Assert.Contains("access.key_revoked", await after.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("Bearer", after.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revocation_on_another_node_is_felt_within_five_seconds()
    {
        await using var server = await RunningServer.StartAsync();
        var key = await server.IssueAsync(Permission.ReadEntries);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/api/v1/test/read", key)).StatusCode);
        var (id, stored) = server.Store.Keys.Single();
        server.Store.Keys[id] = stored with { RevokedAt = server.Clock.GetUtcNow() };

        server.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/api/v1/test/read", key)).StatusCode);
        Assert.Equal(1, server.Store.Reads);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.GetAsync("/api/v1/test/read", key)).StatusCode);
    }

    [Fact]
    public async Task An_expired_key_is_refused_even_while_it_is_remembered()
    {
        await using var server = await RunningServer.StartAsync();
        var issuer = server.Services.GetRequiredService<ApiKeyIssuer>();
        var (_, key) = await issuer.IssueAsync(
            new KeyOrder("short", "tests", [Permission.ReadEntries]) { ExpiresAt = server.Clock.GetUtcNow().AddSeconds(2) },
            Caller.Server,
            CancellationToken.None);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/api/v1/test/read", key)).StatusCode);

        server.Clock.Advance(TimeSpan.FromSeconds(2));

        var answer = await server.GetAsync("/api/v1/test/read", key);
        Assert.Contains("access.key_expired", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_right_prefix_with_a_wrong_rest_is_refused()
    {
        await using var server = await RunningServer.StartAsync();
        var key = await server.IssueAsync(Permission.ReadEntries);
        var text = key.Reveal();
        Assert.True(ApiKeySecret.TryParse(text[..20] + (text[20] == 'A' ? 'B' : 'A') + text[21..], out var bent));

        Assert.Equal(HttpStatusCode.Unauthorized, (await server.GetAsync("/api/v1/test/read", bent)).StatusCode);
    }

    [Fact]
    public async Task A_key_cannot_give_what_it_lacks()
    {
        await using var server = await RunningServer.StartAsync();
        var admin = await server.IssueAsync(Permission.ManageKeys);

        using var answer = await server.SendAsync(HttpMethod.Post, "/api/v1/api-keys", admin, JsonContent.Create(
            new { name = "more", scopes = (string[])[Permission.ReadEntries] }));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("access.scope_escalation", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_order_names_each_fault_by_pointer()
    {
        await using var server = await RunningServer.StartAsync();
        var admin = await server.IssueAsync(Permission.ManageKeys);

        using var answer = await server.SendAsync(HttpMethod.Post, "/api/v1/api-keys", admin, JsonContent.Create(
            new { name = " ", scopes = (string[])["ledger.everything"], never_expires = true, expires_at = "2027-01-01T00:00:00Z" }));

        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal(["/name", "/never_expires", "/scopes/0"], problem["errors"]!.AsArray().Select(e => (string)e!["pointer"]!));
    }

    [Fact]
    public async Task The_first_key_goes_to_a_private_file_once_and_survives_a_crash_between_file_and_store()
    {
        await using var server = await RunningServer.StartAsync();
        using var folder = new TemporaryFolder();
        var path = folder.At("keys", "bootstrap.key");
        var bootstrap = server.Services.GetRequiredService<BootstrapKey>();

        Assert.True(await bootstrap.EnsureAsync(path, CancellationToken.None));
        Assert.False(await bootstrap.EnsureAsync(path, CancellationToken.None));
        Assert.True(await bootstrap.IsUsableAsync(path, CancellationToken.None));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        server.Store.Keys.Clear();
        Assert.True(await bootstrap.EnsureAsync(path, CancellationToken.None));

        Assert.True(ApiKeySecret.TryParse((await File.ReadAllTextAsync(path)).Trim(), out var key));
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/api/v1/api-keys", key)).StatusCode);
    }

    [Fact]
    public void A_key_survives_its_row()
    {
        var key = new ApiKey
        {
            Id = "key_1", Prefix = "abcdefgh", Hash = ApiKeySecret.Draw().Hash, Name = "n", Owner = "o",
            Scopes = [Permission.AppendEvents, Permission.ReadEntries], CreatedAt = DateTimeOffset.UnixEpoch, ExpiresAt = null,
            LastUsedDay = new DateOnly(2026, 2, 3), RevokedAt = DateTimeOffset.UnixEpoch,
        };

        var back = ApiKeyMap.FromRow(ApiKeyMap.ToRow(key));

        Assert.Equal(key.Scopes, back.Scopes);
        Assert.Equal(key with { Scopes = back.Scopes }, back);
    }
}
