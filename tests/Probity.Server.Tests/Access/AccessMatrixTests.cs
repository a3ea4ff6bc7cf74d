using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Access;
using Probity.Server.Access.Roles;
using Probity.Server.Storage.Commits;
using Xunit;

namespace Probity.Server.Tests.Access;

/// <summary>
/// Every endpoint by every role: who lacks the permission gets 403 and one entry of the refusal, who has it leaves exactly
/// what the endpoint declares when the answer is a success, and nobody unknown gets in or leaves anything.
/// </summary>
public sealed class AccessMatrixTests(ITestOutputHelper output)
{
    private const string Nobody = "nobody";
    private const string Patch = """{"Operations":[{"op":"replace","path":"displayName","value":"patched #"}]}""";
    private const string Schema = "urn:ietf:params:scim:schemas:core:2.0:User";

    // Whom the requests that change a user are aimed at: nobody who has to sign in later.
    private const string Victim = "victim";

    // What SCIM's requests are aimed at: a user and a group that a SCIM client made.
    private const string Provisioned = "provisioned";
    private const string Group = "group";

    private static readonly string[] s_starts = ["/api/", "/tile/", "/scim/"];

    private static readonly Dictionary<string, string> s_bodies = new(StringComparer.Ordinal)
    {
        ["POST /api/v1/events"] = """{"action":"t","actor":{"id":"u"}}""",
        ["POST /api/v1/events:batchCreate"] = """{"events":[{"action":"t","actor":{"id":"u"}}]}""",
        ["POST /api/v1/events:ingest"] = """{"action":"t","actor":{"id":"u"}}""",
        ["POST /api/v1/session"] = """{"login":"ana","password":"plain words for a test"}""",
        ["POST /api/v1/session:stepUp"] = """{"password":"plain words for a test"}""",
        ["POST /api/v1/users"] = """{"login":"made#"}""",
        ["POST /api/v1/api-keys"] = """{"name":"k","scopes":["ledger.entry.read"]}""",
        ["POST /api/v1/roles"] = """{"name":"role#","description":"d","permissions":[]}""",
        ["PUT /api/v1/roles/{id}"] = """{"description":"changed #","permissions":["hosting.health.read"]}""",
        ["POST /api/v1/grants"] = """{"user_id":"{user}","role_id":"rol_service"}""",
        ["PUT /api/v1/event-schemas/{action}"] = """{"type":"object"}""",
        ["PUT /api/v1/field-classes"] = """{"pointer":"/data/#","class":"masked","reason":"r"}""",
        ["POST /api/v1/customers"] = """{"external_id":"c#","kind":"person","names":[{"text":"A #"}]}""",
        ["POST /api/v1/customers:import"] = """{"external_id":"i#","kind":"person","names":[{"text":"A #"}]}""",
        ["POST /api/v1/customers:search"] = """{"text":"nobody"}""",
        ["POST /scim/v2/Users"] = """{"userName":"scim#"}""",
        ["PUT /scim/v2/Users/{id}"] = """{"userName":"scimvictim","displayName":"named #"}""",
        ["PATCH /scim/v2/Users/{id}"] = Patch,
        ["POST /scim/v2/Groups"] = """{"displayName":"group #"}""",
        ["PUT /scim/v2/Groups/{id}"] = """{"displayName":"named #"}""",
        ["PATCH /scim/v2/Groups/{id}"] = Patch,
    };

    [Fact]
    public async Task Every_endpoint_answers_every_role_as_it_declares()
    {
        await using var server = new AccessServer();
        await server.InitializeAsync();

        var faults = await RunAsync(server, static _ => true, output);

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task Endpoints_that_do_not_do_as_they_declare_are_found()
    {
        await using var server = new LyingServer();
        await server.InitializeAsync();

        var faults = await RunAsync(server, static route => route.Contains("/lies/", StringComparison.Ordinal), output);

        Assert.Contains(faults, f => f.Contains("/lies/silent", StringComparison.Ordinal));
        Assert.Contains(faults, f => f.Contains("/lies/secret", StringComparison.Ordinal));
        Assert.DoesNotContain(faults, f => f.Contains("/lies/honest", StringComparison.Ordinal));
    }

    private static async Task<List<string>> RunAsync(AccessServer server, Func<string, bool> picks, ITestOutputHelper output)
    {
        var people = await PeopleAsync(server);
        var table = new StringBuilder();
        var faults = new List<string>();
        string[] columns = [.. BuiltInRoles.All.Select(r => r.Name), Nobody];
        table.AppendLine(CultureInfo.InvariantCulture, $"{"endpoint",-52} {string.Join(' ', columns.Select(c => c[..Math.Min(10, c.Length)].PadRight(10)))}");
        foreach (var (method, endpoint) in Endpoints(server).Where(e => picks(e.Endpoint.RoutePattern.RawText!)))
        {
            var name = $"{method} {endpoint.RoutePattern.RawText}";
            var cells = new List<string>();
            foreach (var column in columns)
            {
                var (cell, fault) = await CellAsync(server, people, method, endpoint, name, column);
                cells.Add(cell.PadRight(10));
                if (fault is not null)
                {
                    faults.Add($"{name} as {column}: {fault}");
                }
            }

            table.AppendLine(CultureInfo.InvariantCulture, $"{name,-52} {string.Join(' ', cells)}");
        }

        output.WriteLine(table.ToString());
        return faults;
    }

    private static async Task<(string Cell, string? Fault)> CellAsync(
        AccessServer server, Dictionary<string, string> people, string method, RouteEndpoint endpoint, string name, string column)
    {
        using var browser = column == Nobody ? null : await server.SignInAsync(column, AccessServer.Password);
        var role = BuiltInRoles.All.SingleOrDefault(r => r.Name == column);
        var access = endpoint.Metadata.GetMetadata<AccessDeclaration>()!;
        var record = endpoint.Metadata.GetMetadata<RecordDeclaration>()!;
        var mark = Guid.CreateVersion7().ToString("N");
        var path = endpoint.RoutePattern.RawText!
            .Replace("{id}", IdFor(name, people), StringComparison.Ordinal)
            .Replace("{name}", name.Contains("Types", StringComparison.Ordinal) ? "User" : Schema, StringComparison.Ordinal)
            .Replace("{action}", "matrix" + mark, StringComparison.Ordinal)
            .Replace("{level:int}", "0", StringComparison.Ordinal).Replace("{**path}", "000", StringComparison.Ordinal);
        var body = method == "GET" || method == "DELETE" ? null
            : s_bodies.GetValueOrDefault(name, "{}").Replace("#", mark, StringComparison.Ordinal)
                .Replace("{user}", people[Victim], StringComparison.Ordinal);
        server.Clock.Advance(TimeSpan.FromMilliseconds(10)); // Two changes at one instant may be none.
        var from = await server.SizeAsync();

        var status = await SendAsync(server, browser, new HttpMethod(method), path, body);

        // A stream opened before, whose end the server learns later, tells then what it has delivered.
        string[] types =
        [
            .. (await server.EntriesFromAsync(from))
                .Where(e => e["action"]!.GetValue<string>() != "events.stream.delivered")
                .Select(e => e["type"]!.GetValue<string>()),
        ];
        var left = types.Length == 0 ? "" : $"+{types.Length}";
        var cell = $"{(int)status}{left}";
        var isAllowed = access.Permission is null
            || (role is not null && (role.Permissions.Contains(access.Permission) || access.Permission == Permission.UseOwnAccount));
        return (cell, Judge(access, record, isAllowed, column, status, types));
    }

    private static string IdFor(string name, Dictionary<string, string> people) =>
        name.Contains("/scim/v2/Users", StringComparison.Ordinal) ? people[Provisioned]
        : name.Contains("/scim/v2/Groups", StringComparison.Ordinal) ? people[Group]
        : name.Contains("roles", StringComparison.Ordinal) ? "rol_service"
        : people[Victim];

    private static string? Judge(
        AccessDeclaration access, RecordDeclaration record, bool isAllowed, string column, HttpStatusCode status, IReadOnlyList<string> types)
    {
        var isSuccess = (int)status is >= 200 and < 300;
        string[] expected =
            status == HttpStatusCode.Forbidden && access.Permission is not null ? [AccessEvents.Denied]
            : isSuccess && record.EventType is { } declared ? [declared]
            : [];
        if (!isAllowed && status != (column == Nobody ? HttpStatusCode.Unauthorized : HttpStatusCode.Forbidden))
        {
            return $"answered {(int)status} without the permission {access.Permission}";
        }

        if (isAllowed && status == HttpStatusCode.Forbidden && access.Permission is not null && isSuccess)
        {
            return "refused with the permission";
        }

        if (status >= HttpStatusCode.InternalServerError && status != HttpStatusCode.ServiceUnavailable)
        {
            return $"failed with {(int)status}";
        }

        // What fails halfway may tell of it (a sign-in that failed); what succeeds leaves exactly what it declares.
        return isSuccess || status == HttpStatusCode.Forbidden
            ? types.SequenceEqual(expected) ? null : $"{(int)status} left [{string.Join(' ', types)}], declared [{string.Join(' ', expected)}]"
            : null;
    }

    private static async Task<HttpStatusCode> SendAsync(
        AccessServer server, Browser? browser, HttpMethod method, string path, string? body)
    {
        using var client = server.NewClient();
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        if (browser is not null)
        {
            request.Headers.Add("Cookie", browser.Cookie);
            request.Headers.Add("Origin", browser.Origin);
            request.Headers.Add("X-Probity-Csrf", browser.Csrf);
        }

        // A stream does not end: its head is enough.
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (!path.Contains(":stream", StringComparison.Ordinal))
        {
            await response.Content.LoadIntoBufferAsync();
        }

        return response.StatusCode;
    }

    private static IEnumerable<(string Method, RouteEndpoint Endpoint)> Endpoints(AccessServer server) =>
        server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText is { } route
                && s_starts.Any(start => route.StartsWith(start, StringComparison.Ordinal)))
            .SelectMany(e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(m => (m, e)))
            .OrderBy(e => e.e.RoutePattern.RawText, StringComparer.Ordinal).ThenBy(e => e.m, StringComparer.Ordinal);

    private static async Task<Dictionary<string, string>> PeopleAsync(AccessServer server)
    {
        using var ana = await server.SignInAsync();
        var ids = new Dictionary<string, string>(StringComparer.Ordinal) { [Victim] = await server.InviteAsync(ana, Victim) };
        ids[Provisioned] = await MadeAsync(server, "/scim/v2/Users", """{"userName":"scimvictim"}""");
        ids[Group] = await MadeAsync(server, "/scim/v2/Groups", """{"displayName":"g"}""");

        foreach (var role in BuiltInRoles.All)
        {
            ids[role.Name] = await server.InviteAsync(ana, role.Name);
            var grant = await ana.PostAsync("/api/v1/grants", new { user_id = ids[role.Name], role_id = BuiltInRoles.IdOf(role.Name) });
            Assert.True(grant.Status == HttpStatusCode.Created, grant.Text);
        }

        return ids;
    }

    private static async Task<string> MadeAsync(AccessServer server, string path, string body) =>
        (await AccessServer.SendAsync(server.Key, HttpMethod.Post, path, body)).Json["id"]!.GetValue<string>();

    /// <summary>Endpoints that say one thing and do another.</summary>
    private sealed class LyingServer : AccessServer
    {
        internal override void MapMore(IEndpointRouteBuilder api)
        {
            api.MapGet("/lies/silent", () => "").RequiresPermission(Permission.ReadEntries).Records("probity.test.read");
            api.MapGet("/lies/secret", (HttpContext http, Lazy<ILedgerWriter> ledger) => RecordAsync(http, ledger))
                .RequiresPermission(Permission.ReadEntries).RecordsNothing("A lie");
            api.MapGet("/lies/honest", (HttpContext http, Lazy<ILedgerWriter> ledger) => RecordAsync(http, ledger))
                .RequiresPermission(Permission.ReadEntries).Records("probity.test.read");
        }

        private static async Task<string> RecordAsync(HttpContext http, Lazy<ILedgerWriter> ledger)
        {
            var draft = AccessEntry.Of(http, http.RequireCaller(), TimeProvider.System).Draft("probity.test.read", "test.read", "none", null);
            await ledger.Value.AppendAsync(new AppendRequest([draft]), CancellationToken.None);
            return "";
        }
    }
}
