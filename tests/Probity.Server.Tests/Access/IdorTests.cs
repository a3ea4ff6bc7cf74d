using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Cases;
using Probity.Server.Screening.Effectiveness;
using Probity.Server.Screening.Matching;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Access;

/// <summary>
/// Every route that takes an id: someone without rights gets the same answer for what is someone else's as for what
/// there
/// is not, and nothing happens to it.
/// </summary>
public sealed partial class IdorTests(ITestOutputHelper output)
{
    private const string Nowhere = "01a20d6d-0000-7000-8000-000000000000";

    [Fact]
    public async Task Every_route_with_an_id_answers_a_foreign_one_like_one_that_is_not()
    {
        await using var server = new ApprovalServer();
        await server.InitializeAsync();
        using var ana = await server.SignInAsync();
        var foreign = await ForeignAsync(server, ana);
        var (_, login) = await server.PersonAsync(ana, []);
        using var ben = await server.SignInAsync(login);
        var faults = new List<string>();

        foreach (var (method, route) in Routes(server))
        {
            if (Find(foreign, route) is not { } id)
            {
                faults.Add($"{method} {route}: no id of someone else's is known to this test; add one to ForeignAsync");
                continue;
            }

            var none = id[..(id.IndexOf('_', StringComparison.Ordinal) + 1)] + Nowhere;
            var theirs = await SendAsync(ben, method, route, id);
            var nobodys = await SendAsync(ben, method, route, none);
            output.WriteLine($"{method,-6} {route,-44} {(int)theirs.Status} {(int)nobodys.Status} {theirs.Code}");
            var (told, other) = (Told(theirs, id), Told(nobodys, none));
            if (theirs.Status != nobodys.Status || told != other || (int)theirs.Status < 400)
            {
                faults.Add($"{method} {route}: {told} and {other}");
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static async Task<Dictionary<string, string>> ForeignAsync(ApprovalServer server, Browser ana)
    {
        // The second administrator comes last: until then the first acts alone.
        var (user, _) = await server.PersonAsync(ana, ["analyst"]);
        var role =
            await ana.PostAsync("/api/v1/roles",
            new { name = "mine", description = "d", permissions = Array.Empty<string>() });
        var key = await ana.PostAsync("/api/v1/api-keys", new { name = "k", scopes = (string[])["ledger.entry.read"] });
        var relation =
            await ana.PostAsync("/api/v1/access/relations",
            new { user_id = user, subject = "cus_1", kind = "relative" });
        var glass =
            await ana.PostAsync("/api/v1/break-glass", new { permissions = "events", minutes = 10, reason = "a test" });
        var scimUser =
            await AccessServer.SendAsync(server.Key, HttpMethod.Post, "/scim/v2/Users", """{"userName":"foreign"}""");
        var group =
            await AccessServer.SendAsync(server.Key, HttpMethod.Post, "/scim/v2/Groups",
            """{"displayName":"foreign"}""");
        var hold = await AccessServer.SendAsync(server.Key, HttpMethod.Post, "/api/v1/legal-holds",
            """{"matter":"m","scope":"case","value":"7/26","reason":"court order"}""");
        var erasure = await ErasureAsync(server, ana);
        var list = await ListAsync(server);
        var transaction = await AccessServer.SendAsync(server.Key, HttpMethod.Post, "/api/v1/transactions",
            """{"source":"s","id":"1","occurred_at":"2026-03-02T15:00:00Z","amount":"5.00","currency":"USD" """
            + """,  "type":"wire","debtor":{"account":"a"}}""");
        var rules = await AccessServer.SendAsync(server.Key, HttpMethod.Post, "/api/v1/monitoring/rules?base=none",
            """{"name":"r","rule_type":"AML","jurisdiction":"*","conditions":{"amount_threshold":1,"currency":"USD"}"""
            + ""","actions":{"alert":true},"severity":"LOW"}""");
        var customer = await AccessServer.SendAsync(server.Key, HttpMethod.Post, "/api/v1/customers",
            """{"external_id":"c-9","kind":"person","legal_entity":"DE01","names":[{"text":"Some One"}]}""");
        var scorecard = await AccessServer.SendAsync(
            server.Key, HttpMethod.Post, "/api/v1/customers/scorecards?from=shipped", "{}");
        var alert = await AlertAsync(server);
        var configuration = await AccessServer.SendAsync(
            server.Key, HttpMethod.Post, "/api/v1/screening/configurations",
            """{"threshold":0.8,"reason":"a test"}""");
        var live = server.Services.GetRequiredService<LiveEngine>();
        await server.ActivateAsync("own_i", list);
        await live.RefreshAsync(CancellationToken.None);
        await server.Services.GetRequiredService<EffectivenessSweep>().TestAsync(CancellationToken.None);
        var test = (await AccessServer.SendAsync(server.Key, HttpMethod.Get, "/api/v1/screening/tests"))
            .Json["tests"]![0]!["id"]!.GetValue<string>();
        await server.PersonAsync(ana, ["administrator"]);
        var approval = await server.AskAsync(ana);
        var entries = await server.Services.GetRequiredService<ILedgerStore>()
            .ReadEntriesAsync(0, 1, CancellationToken.None);
        return new(StringComparer.Ordinal)
        {
            ["/scim/v2/Users"] = Id(scimUser),
            ["/scim/v2/Groups"] = Id(group),
            ["/api/v1/legal-holds"] = Id(hold),
            ["/api/v1/erasures"] = erasure,
            ["/api/v1/screening/lists/{list}/versions"] = list,
            ["/api/v1/transactions"] = Id(transaction),
            ["/api/v1/monitoring/rule-sets"] = Id(rules),
            ["/api/v1/customers"] = Id(customer),
            ["/api/v1/customers/scorecards"] = Id(scorecard),
            ["/api/v1/alerts"] = alert,
            ["/api/v1/screening/customers"] = Id(customer),
            ["/api/v1/screening/hits"] = "hit_01a20d6d-0000-7000-8000-000000000001",
            ["/api/v1/screening/configurations"] = Id(configuration),
            ["/api/v1/screening/tests"] = test,
            ["/api/v1/users"] = user,
            ["/api/v1/roles"] = Id(role),
            ["/api/v1/grants"] = "grt_set_up",
            ["/api/v1/api-keys"] = key.Json["key"]?["id"]?.GetValue<string>() ?? Id(key),
            ["/api/v1/access/relations"] = Id(relation),
            ["/api/v1/break-glass"] = Id(glass),
            ["/api/v1/approvals"] = approval["id"]!.GetValue<string>(),
            ["/api/v1/sessions"] = ana.SessionId,
            ["/api/v1/account/sessions"] = ana.SessionId,
            ["/api/v1/account/passkeys"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            ["/api/v1/events"] = System.Text.Json.Nodes.JsonNode.Parse(entries[0].Body.Span)!["id"]!.GetValue<string>(),
        };
    }

    private static async Task<string> ErasureAsync(ApprovalServer server, Browser ana)
    {
        await AccessServer.SendAsync(server.Key, HttpMethod.Post, "/api/v1/events",
            """{"action":"a","actor":"u","targets":[{"id":"c-1","type":"customer","name":"Some One"}]}""");
        var (_, login) = await server.PersonAsync(ana, ["compliance_officer"]);
        using var officer = await server.SignInAsync(login);
        return Id(await officer.PostAsync(
            "/api/v1/erasures", new { subject_type = "customer", subject_id = "c-1", reason = "asked" }));
    }

    private static async Task<string> AlertAsync(ApprovalServer server)
    {
        await using var work = new UnitOfWork(
            server.Services.GetRequiredService<IDatabase>(), server.Services.GetRequiredService<ILedgerWriter>());
        var alert = await server.Services.GetRequiredService<AlertDesk>().RaiseAsync(
            work,
            new NewAlert
            {
                Source = "monitoring", Kind = "rule", FoldKey = "r/c-9", Subject = new EntryTarget("customer", "c-9"),
                LegalEntity = "DE01", Severity = "low", Route = "monitoring", Evidence = "evt_0",
            },
            new AccessEntry(Caller.Server.ToActor(), null, server.Clock), CancellationToken.None);
        await work.CommitAsync(CancellationToken.None);
        return alert.Id;
    }

    private static async Task<string> ListAsync(ApprovalServer server)
    {
        using var body = new StringContent("id,list,type,name\n1,own_i,person,Ann Example\n");
        using var answer = await server.Key.PostAsync(
            "/api/v1/screening/lists:load?name=own.csv", body, TestContext.Current.CancellationToken);
        var loaded = System.Text.Json.Nodes.JsonNode.Parse(
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        return loaded["lists"]![0]!["version"]!["id"]!.GetValue<string>();
    }

    private static IEnumerable<(HttpMethod Method, string Route)> Routes(ApprovalServer server) =>
        server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText is { } route && route.Contains("{id}", StringComparison.Ordinal)
                && (route.StartsWith("/api/", StringComparison.Ordinal)
                    || route.StartsWith("/scim/", StringComparison.Ordinal))
                && e.Metadata.GetMetadata<AccessDeclaration>() is { PublicReason: null })
            .SelectMany(e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
                .Select(m => (new HttpMethod(m), e.RoutePattern.RawText!)))
            .OrderBy(r => r.Item2, StringComparer.Ordinal).ThenBy(r => r.Item1.Method, StringComparer.Ordinal);

    private static string? Find(Dictionary<string, string> foreign, string route) =>
        foreign.GetValueOrDefault(route[..route.IndexOf("/{id}", StringComparison.Ordinal)]);

    private static Task<Answer> SendAsync(Browser ben, HttpMethod method, string route, string id) => ben.SendAsync(
        method,
        route.Replace("{id}", id, StringComparison.Ordinal).Replace("{list}", "own_i", StringComparison.Ordinal),
        method == HttpMethod.Get || method == HttpMethod.Delete ? null
        : route.EndsWith(":approve", StringComparison.Ordinal) ? """{"reason":"r","payload_sha256":"00"}"""
        : """{"reason":"r"}""");

    /// <summary>The answer without what must differ: the id that was asked for and the trace.</summary>
    private static string Told(Answer answer, string id) =>
        Trace().Replace(answer.Text, "").Replace(id, "", StringComparison.Ordinal);

    private static string Id(Answer answer) => answer.Json["id"]!.GetValue<string>();

    [GeneratedRegex("\"trace_id\":\"[0-9a-f]*\"")]
    private static partial Regex Trace();
}
