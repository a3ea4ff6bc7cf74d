using System.Net;
using Probity.Server.Access.Sessions;
using Xunit;

namespace Probity.Server.Tests.Access;

public sealed class UserTests(AccessServer server) : IClassFixture<AccessServer>
{
    private static int _made;

    [Fact]
    public async Task An_invited_user_sets_a_password_once_and_holds_nothing()
    {
        using var ana = await server.SignInAsync();
        var login = $"ben{Interlocked.Increment(ref _made)}";
        var made = await ana.PostAsync("/api/v1/users", new { login, name = "Ben" });
        Assert.True(made.Status == HttpStatusCode.Created, made.Text);
        var invitation = made.Json["invitation"]!.GetValue<string>();
        var from = await server.SizeAsync();

        using var client = server.NewClient();
        var first = await AccessServer.SendAsync(client, HttpMethod.Post, "/api/v1/password", new { invitation, password = AccessServer.Password });
        var again = await AccessServer.SendAsync(client, HttpMethod.Post, "/api/v1/password", new { invitation, password = "another one of the same" });

        Assert.True(first.Status == HttpStatusCode.NoContent, first.Text);
        again.IsProblem(HttpStatusCode.Forbidden, "access.invitation_closed");
        using var ben = await server.SignInAsync(login);
        (await ben.GetAsync("/api/v1/events")).IsProblem(HttpStatusCode.Forbidden, "access.forbidden");
        (await ben.PostAsync("/api/v1/users", new { login = "x" })).IsProblem(HttpStatusCode.Forbidden, "access.forbidden");
        var text = string.Concat((await server.EntriesFromAsync(0)).Select(e => e.ToJsonString()));
        Assert.DoesNotContain(invitation, text, StringComparison.Ordinal);
        Assert.Contains("probity.access.password_set", await server.TypesFromAsync(from));
    }

    [Fact]
    public async Task A_login_is_taken_whatever_its_case()
    {
        using var ana = await server.SignInAsync();

        (await ana.PostAsync("/api/v1/users", new { login = "ANA" })).IsProblem(HttpStatusCode.Conflict, "access.login_taken");
        (await ana.PostAsync("/api/v1/users", new { login = "a b" })).IsProblem(HttpStatusCode.UnprocessableEntity, "request.bad_field", "/login");
    }

    [Theory]
    [InlineData("""{"login":"mallory","is_administrator":true}""")]
    [InlineData("""{"login":"mallory","roles":["administrator"]}""")]
    [InlineData("""{"login":"mallory","id":"usr_1"}""")]
    [InlineData("""{"login":"mallory","password_hash":"x"}""")]
    [InlineData("""{"login":"mallory","login":"ana"}""")]
    public async Task Members_a_request_does_not_have_are_refused(string body)
    {
        using var ana = await server.SignInAsync();

        Assert.Contains(
            (await ana.PostAsync("/api/v1/users", body)).Status, (HttpStatusCode[])[HttpStatusCode.BadRequest, HttpStatusCode.UnprocessableEntity]);
        using var client = server.NewClient();
        var own = body.Replace("mallory", "ana", StringComparison.Ordinal).Replace("}", ",\"password\":\"" + AccessServer.Password + "\"}", StringComparison.Ordinal);
        Assert.NotEqual(HttpStatusCode.OK, (await AccessServer.SendAsync(client, HttpMethod.Post, "/api/v1/session", own)).Status);
    }

    [Fact]
    public async Task Disabling_ends_sessions_and_keys_at_once()
    {
        using var ana = await server.SignInAsync();
        var (id, login) = await InviteAsync(ana);
        using var ben = await server.SignInAsync(login);
        await ana.PostAsync("/api/v1/grants", new { user_id = id, role_id = "rol_administrator" });
        var made = await ben.PostAsync("/api/v1/api-keys", new { name = "ben's", scopes = (string[])["ledger.entry.read"] });
        Assert.True(made.Status == HttpStatusCode.Created, made.Text);
        Assert.Equal(id, made.Json["key"]!["owner_id"]!.GetValue<string>());
        using var program = server.NewClient();
        program.DefaultRequestHeaders.Authorization = new("Bearer", made.Json["secret"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, (await AccessServer.SendAsync(program, HttpMethod.Get, "/api/v1/events")).Status);

        Assert.Equal(HttpStatusCode.NoContent, (await ana.PostAsync($"/api/v1/users/{id}:disable")).Status);
        (await AccessServer.SendAsync(program, HttpMethod.Get, "/api/v1/events")).IsProblem(HttpStatusCode.Unauthorized, "access.key_revoked");

        (await ben.GetAsync("/api/v1/session")).IsProblem(HttpStatusCode.Unauthorized, "access.session_ended");
        (await server.TrySignInAsync(login, AccessServer.Password)).IsProblem(HttpStatusCode.Unauthorized, "access.sign_in_failed");
        Assert.Equal(HttpStatusCode.NoContent, (await ana.PostAsync($"/api/v1/users/{id}:enable")).Status);
        (await ben.GetAsync("/api/v1/session")).IsProblem(HttpStatusCode.Unauthorized, "access.session_ended");
        (await server.SignInAsync(login)).Dispose();
        await ana.PostAsync($"/api/v1/users/{id}:disable"); // With a second approver the other tests would have to wait.
    }

    [Fact]
    public async Task Resetting_takes_every_credential_away()
    {
        using var ana = await server.SignInAsync();
        var (id, login) = await InviteAsync(ana);
        using var ben = await server.SignInAsync(login);

        var reset = await ana.PostAsync($"/api/v1/users/{id}:reset");

        Assert.False(reset.Json["user"]!["has_password"]!.GetValue<bool>());
        (await ben.GetAsync("/api/v1/session")).IsProblem(HttpStatusCode.Unauthorized, "access.session_ended");
        (await server.TrySignInAsync(login, AccessServer.Password)).IsProblem(HttpStatusCode.Unauthorized, "access.sign_in_failed");
    }

    [Fact]
    public async Task Nobody_gives_a_role_to_or_disables_the_own_account()
    {
        using var ana = await server.SignInAsync();
        var from = await server.SizeAsync();

        (await ana.PostAsync("/api/v1/grants", new { user_id = ana.UserId, role_id = "rol_disclosure_handler" }))
            .IsProblem(HttpStatusCode.Forbidden, "access.own_account");
        (await ana.PostAsync($"/api/v1/users/{ana.UserId}:disable")).IsProblem(HttpStatusCode.Forbidden, "access.own_account");

        Assert.Equal(["probity.access.denied", "probity.access.denied"], await server.TypesFromAsync(from));
    }

    [Fact]
    public async Task A_grant_opens_what_the_role_says_until_it_ends_or_is_taken_back()
    {
        using var ana = await server.SignInAsync();
        var (id, login) = await InviteAsync(ana);
        using var ben = await server.SignInAsync(login);
        (await ben.GetAsync("/api/v1/events")).IsProblem(HttpStatusCode.Forbidden, "access.forbidden");

        var grant = await ana.PostAsync("/api/v1/grants", new { user_id = id, role_id = "rol_analyst", entities = (string[])["DE01"], reason = "joins" });
        Assert.True(grant.Status == HttpStatusCode.Created, grant.Text);

        Assert.Equal(HttpStatusCode.OK, (await ben.GetAsync("/api/v1/events")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await ana.DeleteAsync($"/api/v1/grants/{grant.Json["id"]}")).Status);
        (await ben.GetAsync("/api/v1/events")).IsProblem(HttpStatusCode.Forbidden, "access.forbidden");
    }

    [Fact]
    public async Task An_examiner_gets_ninety_days_at_most()
    {
        using var ana = await server.SignInAsync();
        var (id, _) = await InviteAsync(ana);
        var now = server.Clock.GetUtcNow();

        var open = await ana.PostAsync("/api/v1/grants", new { user_id = id, role_id = "rol_examiner" });
        var tooLong = await ana.PostAsync("/api/v1/grants", new { user_id = id, role_id = "rol_examiner", expires_at = now.AddDays(91) });

        Assert.Equal(now.AddDays(90), open.Json["expires_at"]!.GetValue<DateTimeOffset>());
        tooLong.IsProblem(HttpStatusCode.UnprocessableEntity, "request.bad_field", "/expires_at");
    }

    [Fact]
    public async Task The_last_administrator_stays()
    {
        using var ana = await server.SignInAsync();

        (await ana.DeleteAsync("/api/v1/grants/grt_set_up")).IsProblem(HttpStatusCode.Conflict, "access.last_administrator");
    }

    [Fact]
    public async Task A_role_edit_or_a_disabling_that_leaves_nobody_who_gives_roles_is_refused()
    {
        await using var own = new AccessServer(); // Nobody else of the shared server may be an administrator here.
        await own.InitializeAsync();
        using var ana = await own.SignInAsync();
        var role = (await ana.GetAsync("/api/v1/roles/rol_administrator")).Json;
        var without = role["permissions"]!.AsArray().Select(p => p!.GetValue<string>())
            .Where(p => p != "access.grant.manage").ToArray();
        var edit = new { description = "without grants", permissions = without };

        (await ana.SendAsync(HttpMethod.Put, "/api/v1/roles/rol_administrator", edit))
            .IsProblem(HttpStatusCode.Conflict, "access.last_administrator");
        (await AccessServer.SendAsync(own.Key, HttpMethod.Post, $"/api/v1/users/{ana.UserId}:disable"))
            .IsProblem(HttpStatusCode.Conflict, "access.last_administrator");

        // With a second one through another role it can be done.
        var made = await ana.PostAsync(
            "/api/v1/roles",
            new { name = "giver", description = "gives", permissions = (string[])["access.grant.manage"] });
        var ben = await own.InviteAsync(ana, "ben");
        var giver = made.Json["id"]!.GetValue<string>();
        var grant = await ana.PostAsync("/api/v1/grants", new { user_id = ben, role_id = giver });
        Assert.Equal(HttpStatusCode.Created, grant.Status);
        var edited = await ana.SendAsync(HttpMethod.Put, "/api/v1/roles/rol_administrator", edit);
        Assert.Equal(HttpStatusCode.OK, edited.Status);
    }

    [Fact]
    public async Task A_creation_with_a_key_is_done_once_and_tells_no_secret_again()
    {
        using var ana = await server.SignInAsync();
        var body = new { login = $"key{Interlocked.Increment(ref _made)}" };

        var first = await ana.SendAsync(HttpMethod.Post, "/api/v1/users", body, ("Idempotency-Key", "k-1"));
        var second = await ana.SendAsync(HttpMethod.Post, "/api/v1/users", body, ("Idempotency-Key", "k-1"));
        var other = await ana.SendAsync(HttpMethod.Post, "/api/v1/users", new { login = "else" }, ("Idempotency-Key", "k-1"));

        Assert.Equal(HttpStatusCode.Created, first.Status);
        second.IsProblem(HttpStatusCode.Conflict, "idempotency.repeated");
        Assert.Contains(first.Json["user"]!["id"]!.GetValue<string>(), second.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("invitation", second.Text, StringComparison.Ordinal);
        other.IsProblem(HttpStatusCode.UnprocessableEntity, "idempotency.mismatch");
    }

    [Fact]
    public async Task What_weighs_needs_a_recent_proof()
    {
        using var ana = await server.SignInAsync();
        server.Clock.Advance(SessionLimits.Strong);

        var late = await ana.PostAsync("/api/v1/users", new { login = "late" });
        var wrong = await ana.PostAsync("/api/v1/session:stepUp", new { password = "not the password" });
        var proof = await ana.PostAsync("/api/v1/session:stepUp", new { password = AccessServer.Password });

        late.IsProblem(HttpStatusCode.Forbidden, "access.step_up_needed");
        wrong.IsProblem(HttpStatusCode.Unauthorized, "access.sign_in_failed");
        Assert.True(proof.Status == HttpStatusCode.NoContent, proof.Text);
        Assert.Equal(HttpStatusCode.Created, (await ana.PostAsync("/api/v1/users", new { login = $"late{Interlocked.Increment(ref _made)}" })).Status);
    }

    [Fact]
    public async Task Ids_of_others_are_answered_like_ids_of_nobody()
    {
        using var ana = await server.SignInAsync();
        var (_, login) = await InviteAsync(ana);
        using var ben = await server.SignInAsync(login);

        var foreign = await ben.DeleteAsync($"/api/v1/account/sessions/{ana.SessionId}");
        var random = await ben.DeleteAsync("/api/v1/account/sessions/ses_01a20d6d-5a00-72fc-879e-f27c677b575a");

        foreign.IsProblem(HttpStatusCode.NotFound, "access.session_not_found");
        random.IsProblem(HttpStatusCode.NotFound, "access.session_not_found");
        Assert.Equal(HttpStatusCode.OK, (await ana.GetAsync("/api/v1/session")).Status);
        Assert.Single((await ben.GetAsync("/api/v1/account/sessions")).Json["sessions"]!.AsArray());
    }

    [Fact]
    public async Task An_open_stream_ends_with_the_session()
    {
        using var ana = await server.SignInAsync();
        using var other = await server.SignInAsync();
        using var client = server.NewClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events:stream");
        request.Headers.Add("Cookie", other.Cookie);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await ana.DeleteAsync($"/api/v1/sessions/{other.SessionId}")).Status);

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await stream.CopyToAsync(Stream.Null, limit.Token); // Ends; an open stream would run into the limit.
    }

    private async Task<(string Id, string Login)> InviteAsync(Browser ana)
    {
        var login = $"user{Interlocked.Increment(ref _made)}";
        return (await server.InviteAsync(ana, login), login);
    }
}
