using System.Net;
using System.Text.Json.Nodes;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Access.Scim;

public sealed class ScimUserTests(ScimServer server) : IClassFixture<ScimServer>
{
    [Fact]
    public async Task A_user_is_made_read_and_listed_in_the_form_of_the_standard()
    {
        var from = await server.SizeAsync();
        var made = await server.PostAsync("/Users", new
        {
            schemas = (string[])["urn:ietf:params:scim:schemas:core:2.0:User"],
            userName = "bjensen",
            externalId = "701984",
            name = new { givenName = "Barbara", familyName = "Jensen" },
            emails =
                new object[] { new { value = "home@example.org", type = "home" },
                new { value = "bjensen@bank.example", type = "work", primary = true } },
            password = "never kept",
            title = "Tour Guide",
        });

        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal("application/scim+json", made.Headers["Content-Type"].Split(';')[0]);
        var id = made.Json["id"]!.GetValue<string>();
        Assert.Equal($"/scim/v2/Users/{id}", made.Headers["Location"]);
        Assert.Equal(made.Headers["ETag"], made.Json["meta"]!["version"]!.GetValue<string>());
        Assert.Equal("Barbara Jensen", made.Json["displayName"]!.GetValue<string>());
        Assert.Equal("bjensen@bank.example", made.Json["emails"]![0]!["value"]!.GetValue<string>());
        Assert.True(made.Json["active"]!.GetValue<bool>());
        Assert.DoesNotContain("password", made.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(["probity.access.user_created"], await server.TypesFromAsync(from));
        Assert.Equal(made.Text, (await server.GetAsync($"/Users/{id}")).Text);
    }

    [Fact]
    public async Task Deactivating_ends_sessions_streams_and_sign_in_at_once()
    {
        var (id, browser) = await server.SignedInAsync();
        using var pat = browser;
        Assert.Equal(HttpStatusCode.OK, (await pat.GetAsync("/api/v1/session")).Status);
        var from = await server.SizeAsync();

        // As one directory writes it.
        var off = await server.PatchAsync($"/Users/{id}", new { op = "Replace", path = "active", value = "False" });

        Assert.True(off.Status == HttpStatusCode.OK, off.Text);
        Assert.False(off.Json["active"]!.GetValue<bool>());
        (await pat.GetAsync("/api/v1/session")).IsProblem(HttpStatusCode.Unauthorized, "access.session_ended");
        Assert.Equal(["probity.access.user_disabled", "probity.access.session_revoked"],
            await server.TypesFromAsync(from));
        var login = off.Json["userName"]!.GetValue<string>();
        Assert.Equal("access.sign_in_failed", (await server.TrySignInAsync(login, AccessServer.Password)).Code);

        Assert.Equal(HttpStatusCode.OK,
            (await server.PatchAsync($"/Users/{id}", new { op = "replace", value = new { active = true } })).Status);
        using var again = await server.SignInAsync(login);
    }

    [Fact]
    public async Task A_deleted_user_is_gone_for_the_client_and_its_name_is_free_but_its_row_stays()
    {
        var (id, browser) = await server.SignedInAsync();
        using var pat = browser;
        var login = (await server.GetAsync($"/Users/{id}")).Json["userName"]!.GetValue<string>();

        Assert.Equal(HttpStatusCode.NoContent, (await server.DeleteAsync($"/Users/{id}")).Status);

        IsError(await server.GetAsync($"/Users/{id}"), HttpStatusCode.NotFound);
        IsError(await server.DeleteAsync($"/Users/{id}"), HttpStatusCode.NotFound);
        (await pat.GetAsync("/api/v1/session")).IsProblem(HttpStatusCode.Unauthorized, "access.session_ended");
        Assert.Equal(0, (await FilterAsync($"userName eq \"{login}\""))["totalResults"]!.GetValue<int>());
        var again = await server.UserAsync(login);
        Assert.NotEqual(id, again["id"]!.GetValue<string>());
        using var ana = await server.SignInAsync();
        Assert.NotNull((await ana.GetAsync($"/api/v1/users/{id}")).Json["disabled_at"]);
    }

    [Fact]
    public async Task Users_made_here_are_out_of_reach()
    {
        using var ana = await server.SignInAsync();

        IsError(await server.GetAsync($"/Users/{ana.UserId}"), HttpStatusCode.NotFound);
        IsError(await server.PatchAsync($"/Users/{ana.UserId}", new { op = "replace", path = "active", value = false }),
            HttpStatusCode.NotFound);
        IsError(await server.DeleteAsync($"/Users/{ana.UserId}"), HttpStatusCode.NotFound);
        IsError(await server.PostAsync("/Users", new { userName = AccessServer.Login.ToUpperInvariant() }),
            HttpStatusCode.Conflict, "uniqueness");
        Assert.Equal(0, (await FilterAsync($"userName eq \"{AccessServer.Login}\""))["totalResults"]!.GetValue<int>());
        Assert.Equal(HttpStatusCode.OK, (await ana.GetAsync("/api/v1/session")).Status);
    }

    [Theory]
    [InlineData("userName eq \"FILTER-one\"", 1)]
    [InlineData("username EQ \"filter-one\"", 1)]
    [InlineData("userName sw \"filter-\"", 2)]
    [InlineData("userName co \"lter-t\"", 1)]
    [InlineData("userName ew \"-two\" and active eq true", 1)]
    [InlineData("userName sw \"filter-\" and active eq false", 0)]
    [InlineData("userName eq \"filter-one\" or externalId eq \"x-two\"", 2)]
    [InlineData("(userName sw \"filter-\") and (externalId eq \"x-one\" or externalId eq \"x-two\")", 2)]
    [InlineData("externalId eq \"X-ONE\"", 0)]
    [InlineData("userName sw \"filter-\" and externalId pr", 2)]
    [InlineData("userName eq \"' OR 1=1 --\"", 0)]
    [InlineData("displayName eq \"made by scim\" and userName sw \"filter-\"", 2)]
    public async Task Filters_find_what_they_say(string filter, int found)
    {
        await EnsureAsync("filter-one", "x-one");
        await EnsureAsync("filter-two", "x-two");

        var list = await FilterAsync(filter);

        Assert.Equal(found, list["totalResults"]!.GetValue<int>());
        Assert.Equal(found, list["Resources"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("password eq \"x\"")]
    [InlineData("userName zz \"x\"")]
    [InlineData("userName eq x")]
    [InlineData("userName eq \"x\" and")]
    [InlineData("(userName eq \"x\"")]
    [InlineData("userName eq \"x\" userName")]
    [InlineData("active co \"true\"")]
    [InlineData("((((((((((((userName pr))))))))))))")]
    public async Task Filters_that_are_not_understood_are_refused(string filter) =>
        IsError(await server.GetAsync("/Users?filter=" + Uri.EscapeDataString(filter)), HttpStatusCode.BadRequest,
            "invalidFilter");

    [Fact]
    public async Task Lists_are_paged_by_index_and_count()
    {
        for (var i = 0; i < 5; i++)
        {
            await server.UserAsync(server.NewName("page-"));
        }

        const string Filter = "filter=userName%20sw%20%22page-%22";
        var first = (await server.GetAsync($"/Users?{Filter}&startIndex=1&count=2")).Json;
        var last = (await server.GetAsync($"/Users?{Filter}&startIndex=5&count=2")).Json;
        var none = (await server.GetAsync($"/Users?{Filter}&count=0")).Json;

        Assert.Equal((5, 1, 2), Counts(first));
        Assert.Equal((5, 5, 1), Counts(last));
        Assert.Equal((5, 1, 0), Counts(none));
        Assert.Equal((5, 1, 5), Counts((await server.GetAsync($"/Users?{Filter}&startIndex=-3&count=9999")).Json));
    }

    [Fact]
    public async Task A_change_for_an_older_version_is_refused_and_a_known_version_is_not_sent_again()
    {
        var user = await server.UserAsync();
        var (path, old) = ($"/Users/{user["id"]}", user["meta"]!["version"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.NotModified, (await server.GetAsync(path, ("If-None-Match", old))).Status);
        var put =
            await server.PutAsync(path, new { userName = user["userName"]!.GetValue<string>(), displayName = "First" },
            ("If-Match", old));
        Assert.Equal(HttpStatusCode.OK, put.Status);
        Assert.NotEqual(old, put.Headers["ETag"]);

        IsError(await server.PutAsync(path, new { userName = "second" }, ("If-Match", old)),
            HttpStatusCode.PreconditionFailed);
        IsError(await server.DeleteAsync(path, ("If-Match", old)), HttpStatusCode.PreconditionFailed);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync(path, ("If-None-Match", old))).Status);
    }

    [Fact]
    public async Task A_patch_that_changes_nothing_leaves_nothing_and_one_that_is_wrong_is_refused_whole()
    {
        var user = await server.UserAsync();
        var path = $"/Users/{user["id"]}";
        var from = await server.SizeAsync();

        Assert.Equal(HttpStatusCode.OK,
            (await server.PatchAsync(path,
            new { op = "replace", path = "displayName", value = "Made By Scim" })).Status);
        Assert.Empty(await server.TypesFromAsync(from));

        IsError(
            await server.PatchAsync(path, new { op = "replace", path = "displayName", value = "New" },
                new { op = "replace", path = "id", value = "usr_x" }),
            HttpStatusCode.BadRequest, "mutability");
        IsError(await server.PatchAsync(path, new { op = "replace", path = "noSuch", value = "x" }),
            HttpStatusCode.BadRequest, "invalidPath");
        IsError(await server.PatchAsync(path, new { op = "remove" }), HttpStatusCode.BadRequest, "noTarget");
        IsError(await server.PatchAsync(path, new { op = "replace", path = "userName", value = "has space" }),
            HttpStatusCode.BadRequest, "invalidValue");
        Assert.Equal("Made By Scim", (await server.GetAsync(path)).Json["displayName"]!.GetValue<string>());
        Assert.Empty(await server.TypesFromAsync(from));
    }

    [Fact]
    public async Task Privileges_cannot_be_written_as_attributes()
    {
        var made = await server.PostAsync("/Users", new
        {
            userName = server.NewName("sly"), id = "usr_own", roles = new[] { new { value = "administrator" } },
            groups = new[] { new { value = "grp_x" } }, password_hash = "x", passwordHash = "x", disabledAt = "x",
        });

        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.NotEqual("usr_own", made.Json["id"]!.GetValue<string>());
        using var ana = await server.SignInAsync();
        var user = (await ana.GetAsync($"/api/v1/users/{made.Json["id"]}")).Json;
        Assert.Empty(user["grants"]!.AsArray());
        Assert.False(user["has_password"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Bodies_that_are_no_resource_are_refused()
    {
        IsError(await server.PostAsync("/Users", "[]"), HttpStatusCode.BadRequest, "invalidSyntax");
        IsError(await server.PostAsync("/Users", "{"), HttpStatusCode.BadRequest, "invalidSyntax");
        IsError(await server.PostAsync("/Users", """{"userName":"a","userName":"b"}"""), HttpStatusCode.BadRequest,
            "invalidSyntax");
        IsError(await server.PostAsync("/Users", """{"userName":1}"""), HttpStatusCode.BadRequest, "invalidValue");
        IsError(await server.PostAsync("/Users", "{}"), HttpStatusCode.BadRequest, "invalidValue");
    }

    [Fact]
    public async Task The_service_describes_itself()
    {
        var config = (await server.GetAsync("/ServiceProviderConfig")).Json;
        Assert.True(config["patch"]!["supported"]!.GetValue<bool>());
        Assert.True(config["etag"]!["supported"]!.GetValue<bool>());
        Assert.False(config["bulk"]!["supported"]!.GetValue<bool>());
        Assert.Equal(2, (await server.GetAsync("/ResourceTypes")).Json["totalResults"]!.GetValue<int>());
        Assert.Equal("/Groups", (await server.GetAsync("/ResourceTypes/Group")).Json["endpoint"]!.GetValue<string>());
        Assert.Equal(2, (await server.GetAsync("/Schemas")).Json["totalResults"]!.GetValue<int>());
        Assert.Equal("User",
            (await server.GetAsync(
            "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User")).Json["name"]!.GetValue<string>());
        IsError(await server.GetAsync("/Schemas/urn:x"), HttpStatusCode.NotFound);
        IsError(await server.GetAsync("/ResourceTypes/X"), HttpStatusCode.NotFound);
    }

    private async Task EnsureAsync(string login, string externalId)
    {
        if ((await FilterAsync($"userName eq \"{login}\""))["totalResults"]!.GetValue<int>() == 0)
        {
            await server.UserAsync(login, externalId);
        }
    }

    private async Task<JsonNode> FilterAsync(string filter)
    {
        var answer = await server.GetAsync("/Users?filter=" + Uri.EscapeDataString(filter));
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return answer.Json;
    }

    private static (int Total, int Start, int Page) Counts(JsonNode list) =>
        (list["totalResults"]!.GetValue<int>(), list["startIndex"]!.GetValue<int>(),
            list["itemsPerPage"]!.GetValue<int>());

    internal static void IsError(Answer answer, HttpStatusCode status, string? type = null)
    {
        Assert.True(status == answer.Status, answer.Text);
        Assert.Equal("urn:ietf:params:scim:api:messages:2.0:Error", answer.Json["schemas"]![0]!.GetValue<string>());
        Assert.Equal(((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture),
            answer.Json["status"]!.GetValue<string>());
        Assert.Equal(type, answer.Json["scimType"]?.GetValue<string>());
    }
}
