using System.Net;
using Xunit;

namespace Probity.Server.Tests.Access.Scim;

public sealed class ScimGroupTests(ScimServer server) : IClassFixture<ScimServer>, IAsyncLifetime
{
    public async ValueTask InitializeAsync()
    {
        // Groups are found by name, and the tests share the server.
        foreach (var group in (await server.GetAsync("/Groups")).Json["Resources"]!.AsArray())
        {
            await server.DeleteAsync($"/Groups/{group!["id"]}");
        }
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Members_get_the_role_of_their_group_and_lose_it_at_once()
    {
        var (id, browser) = await server.SignedInAsync();
        using var pat = browser;
        Assert.Empty(await RolesAsync(pat));
        var group = await server.GroupAsync("aml");
        var path = $"/Groups/{group["id"]}";
        var from = await server.SizeAsync();

        var added =
            await server.PatchAsync(path, new { op = "add", path = "members", value = new[] { new { value = id } } });

        Assert.True(added.Status == HttpStatusCode.OK, added.Text);
        Assert.Equal(["probity.access.group_changed", "probity.access.grant_given"], await server.TypesFromAsync(from));
        Assert.Equal(["analyst"], await RolesAsync(pat));
        Assert.Equal("aml", (await server.GetAsync($"/Users/{id}")).Json["groups"]![0]!["display"]!.GetValue<string>());

        Assert.Equal(HttpStatusCode.OK,
            (await server.PatchAsync(path, new { op = "remove", path = $"members[value eq \"{id}\"]" })).Status);
        Assert.Empty(await RolesAsync(pat));
    }

    [Fact]
    public async Task A_renamed_or_removed_group_gives_and_takes_for_all_its_members()
    {
        var (id, browser) = await server.SignedInAsync();
        using var pat = browser;
        var group = await server.GroupAsync("nothing", id);
        var path = $"/Groups/{group["id"]}";
        Assert.Empty(await RolesAsync(pat));

        Assert.Equal(HttpStatusCode.OK,
            (await server.PatchAsync(path, new { op = "replace", path = "displayName", value = "boss" })).Status);
        Assert.Equal(["compliance_officer"], await RolesAsync(pat));

        Assert.Equal(HttpStatusCode.NoContent, (await server.DeleteAsync(path)).Status);
        Assert.Empty(await RolesAsync(pat));
        ScimUserTests.IsError(await server.GetAsync(path), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_role_that_two_groups_give_stays_while_one_of_them_does()
    {
        var (id, browser) = await server.SignedInAsync();
        using var pat = browser;
        var aml = await server.GroupAsync("aml", id);
        await server.GroupAsync("boss", id);
        Assert.Equal(["analyst", "compliance_officer"], await RolesAsync(pat));

        var put =
            await server.PutAsync($"/Groups/{aml["id"]}", new { displayName = "aml", members = Array.Empty<object>() });

        Assert.True(put.Status == HttpStatusCode.OK, put.Text);
        Assert.Equal(["compliance_officer"], await RolesAsync(pat));
    }

    [Fact]
    public async Task Roles_that_a_person_gave_are_left_alone()
    {
        var (id, browser) = await server.SignedInAsync();
        using var pat = browser;
        using var ana = await server.SignInAsync();
        Assert.Equal(HttpStatusCode.Created,
            (await ana.PostAsync("/api/v1/grants", new { user_id = id, role_id = "rol_analyst" })).Status);
        var group = await server.GroupAsync("aml", id);

        await server.DeleteAsync($"/Groups/{group["id"]}");

        Assert.Equal(["analyst"], await RolesAsync(pat));
    }

    [Fact]
    public async Task Only_users_of_the_client_become_members()
    {
        using var ana = await server.SignInAsync();
        var group = await server.GroupAsync("boss");

        ScimUserTests.IsError(
            await server.PatchAsync($"/Groups/{group["id"]}",
                new { op = "add", path = "members", value = new[] { new { value = ana.UserId } } }),
            HttpStatusCode.BadRequest, "invalidValue");
        ScimUserTests.IsError(await server.PostAsync("/Groups", new { displayName = "boss" }), HttpStatusCode.Conflict,
            "uniqueness");
        ScimUserTests.IsError(await server.PatchAsync($"/Groups/{group["id"]}",
            new { op = "add", path = "owner", value = "x" }), HttpStatusCode.BadRequest, "invalidPath");
    }

    [Fact]
    public async Task Groups_are_filtered_and_shown_without_members_on_request()
    {
        var user = await server.UserAsync();
        var id = user["id"]!.GetValue<string>();
        await server.GroupAsync("Filter Group", id);
        await server.GroupAsync("other");

        var byName =
            (await server.GetAsync(
            "/Groups?excludedAttributes=members&filter=displayName%20eq%20%22filter%20group%22")).Json;
        var byMember = (await server.GetAsync($"/Groups?filter=members.value%20eq%20%22{id}%22")).Json;

        Assert.Equal(1, byName["totalResults"]!.GetValue<int>());
        Assert.Null(byName["Resources"]![0]!["members"]);
        Assert.Equal(1, byMember["totalResults"]!.GetValue<int>());
        Assert.Equal(id, byMember["Resources"]![0]!["members"]![0]!["value"]!.GetValue<string>());
    }

    [Fact]
    public async Task Without_the_permission_nothing_of_scim_is_reached()
    {
        using var client = server.NewClient();
        Assert.Equal("access.unauthenticated",
            (await AccessServer.SendAsync(client, HttpMethod.Get, "/scim/v2/Users")).Code);
        using var ana = await server.SignInAsync();
        var key =
            await ana.PostAsync("/api/v1/api-keys", new { name = "other", scopes = (string[])["ledger.entry.read"] });
        client.DefaultRequestHeaders.Authorization = new("Bearer", key.Json["secret"]!.GetValue<string>());

        (await AccessServer.SendAsync(client, HttpMethod.Get, "/scim/v2/Users"))
            .IsProblem(HttpStatusCode.Forbidden, "access.forbidden");
        // And the key of the SCIM client reaches nothing else.
        foreach (var path in (string[])["/api/v1/users", "/api/v1/events", "/api/v1/api-keys", "/api/v1/approvals"])
        {
            (await AccessServer.SendAsync(server.Client, HttpMethod.Get, path))
                .IsProblem(HttpStatusCode.Forbidden, "access.forbidden");
        }
    }

    private static async Task<IReadOnlyList<string>> RolesAsync(Browser browser) =>
        [.. (await browser.GetAsync("/api/v1/session")).Json["roles"]!.AsArray().Select(r => r!.GetValue<string>())];
}
